"""The template, expanded as CloudFormation would see it: who may call, what may be touched, what rolls back."""

from __future__ import annotations

import copy
import json
import re

import pytest
from cfnlint.decode.cfn_yaml import load as load_yaml
from samtranslator.translator.transform import transform

from tests.conftest import ROOT
from tools import build

SOURCE = ROOT / "template.yaml"


class _NoManagedPolicies:
    def load(self):
        return {}


def expanded(key: str = "one.zip"):
    template = json.loads(json.dumps(load_yaml(str(SOURCE))))
    template["Globals"]["Function"]["CodeUri"] = {"Bucket": "artefacts", "Key": key}
    return transform(template, {"SkillId": "amzn1.ask.skill.0", "AlarmEmail": "", "LogRetentionDays": 30}, _NoManagedPolicies())[
        "Resources"
    ]


@pytest.fixture(scope="module", autouse=True)
def _in_some_region():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield


@pytest.fixture(scope="module")
def resources():
    return expanded()


def only(resources, kind):
    found = [r["Properties"] for r in resources.values() if r["Type"] == kind]
    assert len(found) == 1, kind
    return found[0]


def named(resources, prefix, kind):
    return next((name, r) for name, r in resources.items() if r["Type"] == kind and name.startswith(prefix))


def test_only_this_skill_may_call_and_only_through_the_alias(resources):
    permission = only(resources, "AWS::Lambda::Permission")
    assert permission["Principal"] == "alexa-appkit.amazon.com"
    assert permission["EventSourceToken"] == {"Ref": "SkillId"}
    alias, _ = named(resources, "SkillFunction", "AWS::Lambda::Alias")
    assert permission["FunctionName"] == {"Ref": alias}


def test_the_function_is_as_the_platform_wants_it(resources):
    function = resources["SkillFunction"]["Properties"]
    assert function["Runtime"] == "python{}.{}".format(*build.RUNTIME)
    assert function["Architectures"] == ["arm64"]
    assert function["Timeout"] < 8
    assert function["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert set(function["Environment"]["Variables"]) == {"SKILL_ID", "TABLE_NAME"}


def test_every_variable_the_code_reads_is_set_or_documented(resources):
    code = "\n".join(p.read_text("utf-8") for p in (ROOT / "lambda").rglob("*.py"))
    read = {
        name for name in set(re.findall(r"""environ(?:\.get\(|\[)["']([A-Z_]+)["']""", code)) if not name.startswith("AWS_")
    }  # Lambda sets those
    given = {v for r in resources.values() if r["Type"] == "AWS::Lambda::Function" for v in r["Properties"]["Environment"]["Variables"]}
    readme = (ROOT / "README.md").read_text("utf-8")
    assert given <= read
    assert {v for v in read - given if f"`{v}`" not in readme} == set()


def test_the_function_touches_items_of_its_own_table_and_nothing_else(resources):
    _, role = named(resources, "SkillFunctionRole", "AWS::IAM::Role")
    statements = [s for p in role["Properties"]["Policies"] for s in p["PolicyDocument"]["Statement"]]
    assert len(statements) == 1
    assert set(statements[0]["Action"]) == {"dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    assert statements[0]["Resource"] == {"Fn::GetAtt": ["ListenerTable", "Arn"]}
    managed = json.dumps(role["Properties"]["ManagedPolicyArns"])
    assert managed.count("arn:") == 1
    assert "AWSLambdaBasicExecutionRole" in managed


def test_the_table_is_on_demand_encrypted_expiring_recoverable_and_kept(resources):
    table = resources["ListenerTable"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    properties = table["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["TimeToLiveSpecification"]["Enabled"] is True
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_a_new_version_gets_a_tenth_of_the_traffic_and_alarms_roll_it_back(resources):
    group = resources["SkillFunctionDeploymentGroup"]["Properties"]
    assert "Canary10Percent5Minutes" in json.dumps(group["DeploymentConfigName"])
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert [a["Name"] for a in group["AlarmConfiguration"]["Alarms"]] == [
        {"Ref": "ErrorsAlarm"},
        {"Ref": "FailedTurnsAlarm"},
        {"Ref": "SlowTurnsAlarm"},
    ]


def test_the_hook_runs_before_traffic_and_may_only_ask_and_tell(resources):
    _, alias = named(resources, "SkillFunction", "AWS::Lambda::Alias")
    update = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert update["BeforeAllowTrafficHook"] == {"Ref": "CanaryHook"}
    hook = resources["CanaryHook"]["Properties"]
    assert hook["FunctionName"]["Fn::Sub"].startswith("CodeDeployHook_")
    version, _ = named(resources, "SkillFunction", "AWS::Lambda::Version")
    assert hook["Environment"]["Variables"]["NEW_VERSION"] == {"Ref": version}
    _, role = named(resources, "CanaryHookRole", "AWS::IAM::Role")
    actions = {s["Action"] for p in role["Properties"]["Policies"] for s in p["PolicyDocument"]["Statement"]}
    assert actions == {"lambda:InvokeFunction", "codedeploy:PutLifecycleEventHookExecutionStatus"}


def test_a_change_of_content_alone_publishes_a_new_version(tmp_path):
    """Content is in the artefact, the artefact's hash is its key, and a new key is a new version."""
    before, _ = named(expanded("one.zip"), "SkillFunction", "AWS::Lambda::Version")
    again, _ = named(expanded("one.zip"), "SkillFunction", "AWS::Lambda::Version")
    after, _ = named(expanded("two.zip"), "SkillFunction", "AWS::Lambda::Version")
    assert before == again != after
    folder = tmp_path / "function"
    (folder / "content").mkdir(parents=True)
    (folder / "content" / "sleep.json").write_text("{}", "utf-8")
    first = build.pack(folder, tmp_path / "one.zip").read_bytes()
    assert build.pack(folder, tmp_path / "again.zip").read_bytes() == first
    (folder / "content" / "sleep.json").write_text('{"a": 1}', "utf-8")
    assert build.pack(folder, tmp_path / "two.zip").read_bytes() != first


def test_logs_are_kept_as_long_as_the_parameter_says_and_no_longer(resources):
    groups = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::Logs::LogGroup"]
    functions = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::Lambda::Function"]
    assert len(groups) == len(functions) == 2
    assert all("RetentionInDays" in g for g in groups)
    assert all("LogGroup" in f["LoggingConfig"] for f in functions)


def test_every_alarm_has_its_line_in_the_runbook(resources):
    runbook = (ROOT / "docs" / "operations.md").read_text("utf-8").lower()
    alarms = {name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::CloudWatch::Alarm"}
    assert len(alarms) >= 5
    for name, alarm in alarms.items():
        anchor = name.removesuffix("Alarm").lower()
        assert f"docs/operations.md#{anchor}" in alarm["AlarmDescription"]
        assert f"\n### {anchor}\n" in runbook


def test_alarms_watch_metrics_that_the_code_emits(resources):
    code = "\n".join(p.read_text("utf-8") for p in (ROOT / "lambda").rglob("*.py"))
    own = [
        r["Properties"]
        for r in resources.values()
        if r["Type"] == "AWS::CloudWatch::Alarm" and r["Properties"]["Namespace"] == "LupusBackCare"
    ]
    assert own
    for alarm in own:
        assert f'"{alarm["MetricName"]}"' in code
        assert f'"{alarm["Dimensions"][0]["Name"]}"' in code


def test_parameters_say_what_they_are_and_refuse_nonsense():
    parameters = load_yaml(str(SOURCE))["Parameters"]
    assert all(p["Description"] and ("AllowedPattern" in p or "AllowedValues" in p) for p in parameters.values())
    pattern = parameters["SkillId"]["AllowedPattern"]
    assert re.match(pattern, "amzn1.ask.skill.12345678-1234-1234-1234-123456789012")
    assert not re.match(pattern, "amzn1.ask.skill.*")


def test_the_dashboard_is_json_once_its_names_are_filled(resources):
    body = only(resources, "AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[^}]+\}", "x", body))["widgets"]
    assert len(widgets) == 4


def test_a_template_that_lets_any_skill_call_is_noticed():
    template = json.loads(json.dumps(load_yaml(str(SOURCE))))
    open_to_all = copy.deepcopy(template)
    del open_to_all["Resources"]["SkillFunction"]["Properties"]["Events"]["Alexa"]["Properties"]
    open_to_all["Globals"]["Function"]["CodeUri"] = {"Bucket": "b", "Key": "k"}
    permission = only(
        transform(open_to_all, {"SkillId": "x", "AlarmEmail": "", "LogRetentionDays": 30}, _NoManagedPolicies())["Resources"],
        "AWS::Lambda::Permission",
    )
    assert "EventSourceToken" not in permission
