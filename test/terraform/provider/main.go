// A stand-in for hashicorp/aws with the attributes of its security group resources, for fixtures without an account.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/plugin"
)

type fields = map[string]*schema.Schema

func text(required, replaces bool) *schema.Schema {
	return &schema.Schema{Type: schema.TypeString, Required: required, Optional: !required, ForceNew: replaces}
}
func number(required, replaces bool) *schema.Schema {
	return &schema.Schema{Type: schema.TypeInt, Required: required, Optional: !required, ForceNew: replaces}
}
func computed() *schema.Schema { return &schema.Schema{Type: schema.TypeString, Computed: true} }
func list(replaces bool) *schema.Schema {
	return &schema.Schema{Type: schema.TypeList, Optional: true, ForceNew: replaces, Elem: &schema.Schema{Type: schema.TypeString}}
}
func strings_() *schema.Schema {
	return &schema.Schema{Type: schema.TypeSet, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}}
}
func flag(replaces bool) *schema.Schema {
	return &schema.Schema{Type: schema.TypeBool, Optional: true, Default: false, ForceNew: replaces}
}
func blocks() *schema.Schema {
	return &schema.Schema{Type: schema.TypeSet, Optional: true, Computed: true, ConfigMode: schema.SchemaConfigModeAttr,
		Elem: &schema.Resource{Schema: fields{
			"cidr_blocks": list(false), "ipv6_cidr_blocks": list(false), "prefix_list_ids": list(false), "security_groups": strings_(),
			"self": flag(false), "description": text(false, false), "protocol": text(true, false),
			"from_port": number(true, false), "to_port": number(true, false),
		}}}
}

// resource makes ids of what it is told, so that fixtures are the same each time. A "test_id" takes the place of that.
func resource(prefix, also string, schemas fields) *schema.Resource {
	schemas["test_id"] = text(false, true)
	hasUpdate := false
	for _, one := range schemas {
		hasUpdate = hasUpdate || (!one.ForceNew && !(one.Computed && !one.Optional))
	}
	create := func(_ context.Context, d *schema.ResourceData, _ any) diag.Diagnostics {
		said := map[string]any{}
		for name := range schemas {
			if set, ok := d.Get(name).(*schema.Set); ok {
				said[name] = set.List()
				continue
			}
			said[name] = d.Get(name)
		}
		told, _ := json.Marshal(said)
		sum := sha256.Sum256(told)
		id := prefix + hex.EncodeToString(sum[:])[:17]
		if given := d.Get("test_id").(string); given != "" {
			id = given
		}
		d.SetId(id)
		if also != "" && (also != "one" || ones(d)) {
			_ = d.Set("security_group_rule_id", strings.Replace(id, "sgrule-", "sgr-", 1))
		}
		return nil
	}
	same := func(context.Context, *schema.ResourceData, any) diag.Diagnostics { return nil }
	made := &schema.Resource{Schema: schemas, CreateContext: create, ReadContext: same, DeleteContext: same}
	if hasUpdate {
		made.UpdateContext = same
	}
	return made
}

// The provider tells security_group_rule_id of an aws_security_group_rule only where it made one rule.
func ones(d *schema.ResourceData) bool {
	n := 0
	for _, name := range []string{"cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"} {
		n += len(d.Get(name).([]any))
	}
	if d.Get("source_security_group_id").(string) != "" {
		n++
	}
	if d.Get("self").(bool) {
		n++
	}
	return n == 1
}

func group() *schema.Resource {
	return resource("sg-", "", fields{
		"name": text(false, true), "description": text(false, true), "vpc_id": text(false, true),
		"revoke_rules_on_delete": flag(false), "ingress": blocks(), "egress": blocks(),
	})
}

func vpcRule() *schema.Resource {
	return resource("sgr-", "all", fields{
		"security_group_id": text(true, true), "ip_protocol": text(true, false), "from_port": number(false, false), "to_port": number(false, false),
		"cidr_ipv4": text(false, false), "cidr_ipv6": text(false, false), "prefix_list_id": text(false, false),
		"referenced_security_group_id": text(false, false), "description": text(false, false), "security_group_rule_id": computed(),
	})
}

func main() {
	plugin.Serve(&plugin.ServeOpts{ProviderFunc: func() *schema.Provider {
		return &schema.Provider{ResourcesMap: map[string]*schema.Resource{
			"aws_security_group": group(), "aws_default_security_group": group(),
			"aws_vpc_security_group_ingress_rule": vpcRule(), "aws_vpc_security_group_egress_rule": vpcRule(),
			"aws_security_group_rule": resource("sgrule-", "one", fields{
				"type": text(true, true), "security_group_id": text(true, true), "protocol": text(true, true), "from_port": number(true, true), "to_port": number(true, true),
				"cidr_blocks": list(true), "ipv6_cidr_blocks": list(true), "prefix_list_ids": list(true), "self": flag(true),
				"source_security_group_id": {Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true},
				"description": text(false, false), "security_group_rule_id": computed(),
			}),
			"aws_vpc_security_group_rules_exclusive": resource("", "", fields{
				"security_group_id": text(true, true), "ingress_rule_ids": strings_(), "egress_rule_ids": strings_(),
			}),
		}}
	}})
}
