"""
moto's server, with what CloudFormation promises and moto's does not do: a creation that fails is rolled back, deletion
policies are kept, stacks and tables are protected, what is there already is imported. Arguments as of moto_server.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
"""

from moto.cloudformation import exceptions, parsing, responses
from moto.cloudformation.models import CloudFormationBackend
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.ec2.models import ec2_backends
from moto.ec2.models.flow_logs import FlowLogs
from moto.s3.models import s3_backends
from moto.server import main

KEPT = ("Retain", "RetainExceptOnCreate")


class GlobalTable(CloudFormationModel):
    """A table with one replica. moto finds it among the subclasses, by the module that it says it is of."""

    __module__ = Table.__module__

    @staticmethod
    def cloudformation_type():
        return "AWS::DynamoDB::GlobalTable"

    @staticmethod
    def cloudformation_name_type():
        return "TableName"

    @staticmethod
    def is_protected(template):
        return template["Properties"]["Replicas"][0].get("DeletionProtectionEnabled", False)

    @classmethod
    def create_from_cloudformation_json(cls, name, template, account, region, **rest):
        template["Properties"]["DeletionProtectionEnabled"] = cls.is_protected(template)
        return Table.create_from_cloudformation_json(name, template, account, region, **rest)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, cloudformation_json, **rest):
        original_resource.deletion_protection_enabled = cls.is_protected(cloudformation_json)
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, name, template, account, region):
        if dynamodb_backends[account][region].tables[name].deletion_protection_enabled:
            raise exceptions.ValidationError(message=f"{name} has deletion protection")
        Table.delete_from_cloudformation_json(name, template, account, region)


FlowLogs.delete = lambda self, account, region: ec2_backends[account][region].delete_flow_logs([self.id])


parse_parameter = parsing.ResourceMap.parse_ssm_parameter


def parse_unless_parsed(self, value, type):
    """What is to stay as it was comes as a value, not as the name of a parameter."""
    try:
        return parse_parameter(self, value, type)
    except AttributeError:
        return value


parsing.ResourceMap.parse_ssm_parameter = parse_unless_parsed


def template_at(url, account_id, partition):
    """Of a bucket in the path: this server has no other host."""
    bucket, key = url.split("/", 3)[3].split("/", 1)
    return s3_backends[account_id][partition].get_object(bucket, key).value.decode()


responses.get_stack_from_s3_url = template_at


def found(template, account, region):
    """What has the literal name that the template gives, and is kept by it."""
    properties = template.get("Properties", {})
    name = properties.get("TableName", properties.get("BucketName"))
    if template.get("DeletionPolicy") not in KEPT or not isinstance(name, str):
        return None
    if template["Type"] == "AWS::S3::Bucket":
        return s3_backends[account]["aws"].buckets.get(name)
    return dynamodb_backends[account][region].tables.get(name)


create_resource = parsing.parse_and_create_resource


def import_or_create(logical_id, template, resources, account_id, region_name):
    there = found(template, account_id, region_name)
    if there is None:
        return create_resource(logical_id, template, resources, account_id=account_id, region_name=region_name)
    if not getattr(resources, "imports", False):
        raise exceptions.ValidationError(message=f"{logical_id} already exists")
    resources.imported.add(logical_id)
    there.cf_resource_type, there.logical_resource_id = template["Type"], logical_id
    return there


parsing.parse_and_create_resource = import_or_create


delete_resources = parsing.ResourceMap.delete


def delete_unless_kept(self, kept=KEPT):
    whole, imported = self._resource_json_map, getattr(self, "imported", set())
    stays = {id for id, template in whole.items() if template.get("DeletionPolicy") in kept or id in imported}
    self._resource_json_map = {
        id: {**template, "DeletionPolicy": "Retain" if id in stays else "Delete"} for id, template in whole.items()
    }
    delete_resources(self)


parsing.ResourceMap.delete = delete_unless_kept


Responses = responses.CloudFormationResponse
create_change_set, delete_stack = Responses.create_change_set, Responses.delete_stack


class ChangeSetNotFound(exceptions.CloudFormationError):
    code = "ChangeSetNotFound"


def id_of_change_set(self):
    """Of its stack: moto takes one of any stack that has the name."""
    name, stack, backend = self._get_param("ChangeSetName"), self._get_param("StackName"), self.cloudformation_backend
    for id, it in backend.change_sets.items():
        is_named = name == id or (name == it.change_set_name and stack in (it.stack_name, it.stack_id))
        if is_named and it.stack_id in backend.stacks:
            return id
    raise ChangeSetNotFound(f"no change set {name}")


def create_change_set_with_imports(self):
    result = create_change_set(self)
    resources = self.cloudformation_backend.change_sets[id_of_change_set(self)].stack.resource_map
    resources.imports, resources.imported = self._get_bool_param("ImportExistingResources", False), set()
    return result


def delete_change_set(self):
    """Also one that is not there."""
    try:
        self.cloudformation_backend.delete_change_set(id_of_change_set(self))
    except ChangeSetNotFound:
        pass
    return ActionResult(None)


def with_change_set(do):
    return lambda self: ActionResult(do(self.cloudformation_backend, id_of_change_set(self)))


def update_termination_protection(self):
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = self._get_bool_param("EnableTerminationProtection")
    return ActionResult({"StackId": stack.stack_id})


def delete_unless_protected(self):
    if self.cloudformation_backend.get_stack(self._get_param("StackName")).enable_termination_protection:
        raise exceptions.ValidationError(message="cannot be deleted while TerminationProtection is enabled")
    return delete_stack(self)


Responses.create_change_set = create_change_set_with_imports
Responses.describe_change_set = with_change_set(lambda backend, id: backend.describe_change_set(id))
Responses.execute_change_set = with_change_set(lambda backend, id: backend.execute_change_set(id))
Responses.delete_change_set = delete_change_set
Responses.update_termination_protection = update_termination_protection
Responses.delete_stack = delete_unless_protected


execute = CloudFormationBackend.execute_change_set


def execute_or_roll_back(self, change_set_name, stack_name=None):
    change_set = self.describe_change_set(change_set_name)
    stack = self.stacks[change_set.stack_id]
    try:
        execute(self, change_set_name, stack_name)
    except Exception as error:
        if change_set.change_set_type != "CREATE":
            raise
        stack._add_stack_event("ROLLBACK_IN_PROGRESS", resource_status_reason=repr(error))
        stack.resource_map._resource_json_map = change_set.template_dict["Resources"]
        try:
            stack.resource_map.delete(kept=("Retain",))
            stack.status = "ROLLBACK_COMPLETE"
        except Exception:
            stack.status = "ROLLBACK_FAILED"
        stack._add_stack_event(stack.status)


CloudFormationBackend.execute_change_set = execute_or_roll_back

main()
