"""Reads {"sarif", "junit", "ocsf", "asff"} as JSON, and the folder of schemas as argument; prints what is wrong with each, as JSON."""
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import botocore.session
import jsonschema
import xmlschema
from botocore.validate import ParamValidator
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

schemas = pathlib.Path(sys.argv[1])
outputs = json.load(sys.stdin)


def sarif(text):
    schema = json.loads((schemas / "sarif-2.1.0.schema.json").read_text())
    errors = jsonschema.Draft4Validator(schema).iter_errors(json.loads(text))
    return [f"{error.json_path}: {error.message}" for error in errors]


def junit(text):
    errors = xmlschema.XMLSchema(schemas / "junit-10.xsd").iter_errors(ElementTree.fromstring(text))
    return [f"{error.path}: {error.reason}" for error in errors]


def ocsf(text):
    problems = []
    for index, event in enumerate(json.loads(text)):
        try:
            # `cloud` is of a profile, which these models have elsewhere: https://schema.ocsf.io/1.5.0/profiles/cloud
            known = set(type(ComplianceFinding(**event)).model_fields) | {"cloud"}
        except Exception as error:
            problems.append(f"{index}: {error}")
            continue
        problems += [f"{index}: no attribute {name}" for name in sorted(set(event) - known)]
    return problems


def asff(text):
    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    findings = json.loads(text)
    problems = []
    for start in range(0, len(findings), 100):
        report = ParamValidator().validate({"Findings": findings[start : start + 100]}, shape)
        problems += [report.generate_report()] if report.has_errors() else []
    return problems


checks = {"sarif": sarif, "junit": junit, "ocsf": ocsf, "asff": asff}
print(json.dumps({name: checks[name](text) for name, text in outputs.items()}))
