"""What is in `deploy/` and the run-book fits the program: commands, variables, files, ports, paths; and is shut in."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from api.main import create_app
from pipelines.__main__ import app
from targeting.settings import _SECRETS, Settings

_PYTHON = re.compile(r"(?:^|[\s`])(?:\S*/)?python3? -m pipelines (?P<arguments>[^`#>|\n]*)")
_SETTING = re.compile(r"^(?P<name>[A-Z][A-Z0-9_]+)=", re.MULTILINE)
_SERVED = 8080
_USER = 10001
_WRONG_USE = typer.BadParameter.__base__


def _manifests(repository: Path) -> list[dict[str, Any]]:
    files = sorted((repository / "deploy" / "kubernetes").glob("*.yaml"))
    return [document for file in files for document in yaml.safe_load_all(file.read_text("utf-8"))]


def _named(repository: Path, kind: str) -> list[dict[str, Any]]:
    return [one for one in _manifests(repository) if one["kind"] == kind]


def _pods(repository: Path) -> list[dict[str, Any]]:
    jobs = [one["spec"]["jobTemplate"]["spec"]["template"]["spec"] for one in _named(repository, "CronJob")]
    return [*jobs, *(one["spec"]["template"]["spec"] for one in _named(repository, "Deployment"))]


def _containers(repository: Path) -> list[dict[str, Any]]:
    return [container for pod in _pods(repository) for container in pod["containers"]]


def _unit(repository: Path, name: str) -> RawConfigParser:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((repository / "deploy" / "systemd" / name).read_text("utf-8"))
    return parser


def _containerfile(repository: Path) -> list[list[str]]:
    """The instructions, their words."""
    lines = re.sub(r"\\\n", " ", (repository / "deploy" / "Containerfile").read_text("utf-8")).splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def _commands(repository: Path) -> list[str]:
    """What stands after `python -m pipelines` in every file of `deploy`, and in the containers' arguments."""
    files = [path for path in sorted((repository / "deploy").rglob("*")) if path.is_file()]
    told = [found["arguments"] for path in files for found in _PYTHON.finditer(path.read_text("utf-8"))]
    image = next(words[1:] for words in _containerfile(repository) if words[0] == "CMD")
    default = " ".join(word.strip('[],"') for word in image)
    return [*told, default, *(shlex.join(one["args"]) for one in _containers(repository))]


def _parse(arguments: str) -> None:
    """Parse a command line as the program would, and run nothing."""
    group = typer.main.get_command(app)
    words = shlex.split(arguments)
    context = group.make_context("pipelines", words)
    while hasattr(group, "resolve_command"):
        name, group, words = group.resolve_command(context, words)
        context = group.make_context(name, words, parent=context)


def _variables(repository: Path) -> set[str]:
    """Every variable that anything in `deploy` sets."""
    examples = sorted((repository / "deploy" / "env").glob("*.example"))
    found = {one["name"] for path in examples for one in _SETTING.finditer(path.read_text("utf-8"))}
    found |= {name for one in _named(repository, "ConfigMap") for name in one["data"]}
    found |= {one["name"] for container in _containers(repository) for one in container.get("env", [])}
    image = (word for words in _containerfile(repository) if words[0] == "ENV" for word in words[1:])
    return found | {word.partition("=")[0] for word in image}


def _ours() -> set[str]:
    prefix = Settings.model_config["env_prefix"]
    aliases = (
        (field.validation_alias.choices[0] if field.validation_alias else f"{prefix}{name}".upper())  # type: ignore[union-attr]
        for name, field in Settings.model_fields.items()
    )
    return {str(name) for name in aliases} | {f"{name}_FILE" for name in _SECRETS}


def _schedules(repository: Path) -> dict[str, tuple[str, str, str, str]]:
    """Hour, minute, day and months of each of the three."""
    timer = re.fullmatch(
        r"\*-([0-9,]+)-(\d+) (\d+):(\d+):00 Europe/Oslo",
        _unit(repository, "targeting-quarterly.timer")["Timer"]["OnCalendar"],
    )
    assert timer
    months, day, hour, minute = timer.groups()
    line = (repository / "deploy" / "cron" / "targeting").read_text("utf-8").splitlines()[-1].split()
    crons = {"cron": line[:5], "kubernetes": _named(repository, "CronJob")[0]["spec"]["schedule"].split()}
    return {
        "systemd": (str(int(hour)), str(int(minute)), day, ",".join(str(int(one)) for one in months.split(","))),
        **{name: (hour, minute, day, months) for name, (minute, hour, day, months, _) in crons.items()},
    }


def test_every_command_line_is_one_of_ours(repository: Path) -> None:
    commands = _commands(repository)

    assert {one.split()[0] for one in commands} >= {"quarterly", "serve"}
    for one in commands:
        _parse(one)


def test_a_command_line_that_is_not_ours_is_noticed() -> None:
    with pytest.raises(_WRONG_USE):
        _parse("quarterly --no-such-option")


def test_every_command_of_the_run_book_is_one_of_ours(repository: Path) -> None:
    """Capitals stand for what the reader fills in; an ellipsis for more of it."""
    text = (repository / "docs" / "operations.md").read_text("utf-8")
    commands = [found["arguments"].replace("…", "").strip() for found in _PYTHON.finditer(text)]

    assert len(commands) > 10
    for one in commands:
        _parse(one)


def test_every_variable_is_a_setting_or_documented(repository: Path) -> None:
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (repository / "docs" / "operations.md").read_text("utf-8")))
    variables = _variables(repository)

    assert {"DB_HOST", "TENANT_ID", "OTEL_EXPORTER_OTLP_ENDPOINT", "TARGETING_SESSION_SECRET_FILE"} <= variables
    assert variables - _ours() - documented - {"PATH"} == set()


def test_examples_are_read_alike_by_systemd_sh_and_the_program(repository: Path) -> None:
    """No quotes, no spaces, nothing that a shell would expand."""
    for path in sorted((repository / "deploy" / "env").glob("*.example")):
        lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
        assert lines
        for line in lines:
            assert re.fullmatch(r"[A-Z][A-Z0-9_]*=[^\"'$`\s]*", line), f"{path.name}: {line}"


def test_every_secret_comes_from_a_file(repository: Path) -> None:
    """No manifest has a place for the secret itself."""
    named = {name for one in _named(repository, "ConfigMap") for name in one["data"]}
    named |= {one["name"] for container in _containers(repository) for one in container["env"]}

    assert named & set(_SECRETS) == set()
    assert {name for name in named if name.endswith("_FILE")} <= {f"{name}_FILE" for name in _SECRETS}


def test_every_file_that_the_image_copies_is_there(repository: Path) -> None:
    copied = [
        source
        for words in _containerfile(repository)
        if words[0] == "COPY" and not words[1].startswith("--from")
        for source in words[1:-1]
    ]

    # What a night imports, and reads: a folder that the image lacked would be noticed then.
    assert {"requirements/runtime.lock", "package-lock.json", "pipelines", "api", "models", "src"} <= set(copied)
    assert [source for source in copied if not (repository / source).exists()] == []


def test_the_image_names_no_registry_and_an_unprivileged_user(repository: Path) -> None:
    instructions = _containerfile(repository)
    images = [words[1] for words in instructions if words[0] == "FROM"]

    assert images[-1] == "python:3.11-slim"
    assert all("/" not in image for image in images)
    assert [words[1] for words in instructions if words[0] == "USER"] == [f"{_USER}:{_USER}"]


def test_the_image_installs_what_the_development_lock_names(repository: Path) -> None:
    """What runs is what was tested: each package of the image in the very version, and hashed."""
    locks = {name: (repository / "requirements" / f"{name}.lock").read_text("utf-8") for name in ("runtime", "dev")}
    pins = {
        name: set(re.findall(r"^([a-z0-9._-]+(?:\[.*?\])?==\S+)", lock, re.MULTILINE)) for name, lock in locks.items()
    }

    assert len(pins["runtime"]) > 50
    assert pins["runtime"] - pins["dev"] == set()
    assert all("--hash=sha256:" in part for part in re.split(r"\n(?=[a-z0-9])", locks["runtime"].strip()))


def test_ports_and_probes_are_those_of_the_application(repository: Path) -> None:
    routes = set(create_app(Settings(dangerous_development_login=True)).openapi()["paths"])
    container = next(one for one in _containers(repository) if one["name"] == "web")
    service = _named(repository, "Service")[0]["spec"]
    image = dict(
        word.partition("=")[::2] for words in _containerfile(repository) if words[0] == "ENV" for word in words
    )

    probes = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {one["path"] for one in probes.values()} == {"/healthz/live", "/healthz/ready"}
    assert {one["path"] for one in probes.values()} <= routes
    assert (
        {one["port"] for one in probes.values()}
        == {service["ports"][0]["targetPort"]}
        == {container["ports"][0]["name"]}
    )
    assert [["EXPOSE", str(_SERVED)]] == [words for words in _containerfile(repository) if words[0] == "EXPOSE"]
    assert int(image["PORT"]) == container["ports"][0]["containerPort"] == service["ports"][0]["port"] == _SERVED


def test_the_service_finds_its_pods(repository: Path) -> None:
    deployment, service = _named(repository, "Deployment")[0]["spec"], _named(repository, "Service")[0]["spec"]

    assert service["selector"] == deployment["selector"]["matchLabels"]
    assert service["selector"].items() <= deployment["template"]["metadata"]["labels"].items()


def test_the_night_runs_alone_and_ends(repository: Path) -> None:
    job = _named(repository, "CronJob")[0]["spec"]
    inner = job["jobTemplate"]["spec"]
    rules = {rule["action"]: rule for rule in inner["podFailurePolicy"]["rules"]}

    assert job["concurrencyPolicy"] == "Forbid"
    assert inner["activeDeadlineSeconds"] == 6 * 3600
    assert inner["template"]["spec"]["restartPolicy"] == "Never"  # what a pod failure policy asks for
    assert rules["FailJob"]["onExitCodes"]["values"] == [1, 2]
    assert rules["FailJob"]["onExitCodes"]["containerName"] == inner["template"]["spec"]["containers"][0]["name"]
    assert (
        next(one for one in _containers(repository) if one["name"] == "quarterly")["resources"]["limits"]["memory"]
        == "4Gi"
    )


def test_every_pod_is_shut_in(repository: Path) -> None:
    pods = _pods(repository)

    assert len(pods) == 2
    for pod in pods:
        about = pod["securityContext"]
        assert about["runAsNonRoot"]
        assert about["runAsUser"] == about["fsGroup"] == _USER
        assert not pod["automountServiceAccountToken"]
        for container in pod["containers"]:
            held = container["securityContext"]
            assert held["readOnlyRootFilesystem"]
            assert not held["allowPrivilegeEscalation"]
            assert held["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


def test_what_is_mounted_is_declared_and_shared(repository: Path) -> None:
    claims = {one["metadata"]["name"] for one in _named(repository, "PersistentVolumeClaim")}
    maps = {one["metadata"]["name"] for one in _named(repository, "ConfigMap")}
    home = dict(word.partition("=")[::2] for words in _containerfile(repository) if words[0] == "ENV" for word in words)

    for pod in _pods(repository):
        volumes = {one["name"]: one for one in pod["volumes"]}
        assert {
            one["persistentVolumeClaim"]["claimName"] for one in pod["volumes"] if "persistentVolumeClaim" in one
        } <= claims
        for container in pod["containers"]:
            mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
            assert mounts.keys() <= volumes.keys()
            assert mounts["home"] == home["TARGETING_HOME"]
            assert mounts["tmp"] == home["HOME"] == "/tmp"
            assert {one["configMapRef"]["name"] for one in container["envFrom"]} <= maps
            files = {Path(one["value"]).parent.as_posix() for one in container["env"] if one["name"].endswith("_FILE")}
            assert files == {mounts["secrets"]}


def test_all_three_start_in_the_same_night(repository: Path) -> None:
    schedules = _schedules(repository)

    assert set(schedules) == {"systemd", "cron", "kubernetes"}
    assert set(schedules.values()) == {("1", "30", "20", "3,6,9,12")}
    assert _named(repository, "CronJob")[0]["spec"]["timeZone"] == "Europe/Oslo"


def test_no_start_is_made_up_for_when_the_quarter_has_turned(repository: Path) -> None:
    """The default of --as-of would be another quarter by then; eleven days are left, or ten in June and September."""
    deadline = _named(repository, "CronJob")[0]["spec"]["startingDeadlineSeconds"]
    service = _unit(repository, "targeting-quarterly.service")["Service"]

    assert deadline <= 10 * 24 * 3600
    months = service["ExecCondition"].replace("%%", "%")
    for month in range(1, 13):
        asked = re.sub(r'"\$\(date \+%m\)"', f"{month:02d}", months)
        done = subprocess.run(shlex.split(asked), check=False)
        assert (done.returncode == 0) == (month % 3 == 0)


def test_the_timer_is_persistent_and_its_service_hardened(repository: Path) -> None:
    service = _unit(repository, "targeting-quarterly.service")["Service"]
    timer = _unit(repository, "targeting-quarterly.timer")["Timer"]

    assert timer["Persistent"] == "true"
    assert service["RestartPreventExitStatus"].split() == ["1", "2"]
    assert service["MemoryMax"] == "4G"
    assert service["StateDirectory"] == Path(_home_of(repository)).name
    assert {service[name] for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices")} == {"true"}
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")


def _home_of(repository: Path) -> str:
    text = (repository / "deploy" / "env" / "batch.env.example").read_text("utf-8")
    return next(line.partition("=")[2] for line in text.splitlines() if line.startswith("TARGETING_HOME="))


def test_systemd_understands_the_units(repository: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    for path in (repository / "deploy" / "systemd").iterdir():
        # The interpreter is where the unit says only on the machine it is for.
        text = path.read_text("utf-8").replace("/opt/targeting/.venv/bin/python", "/bin/true")
        (tmp_path / path.name).write_text(text, "utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )

    assert (done.returncode, list(_complaints(done.stderr))) == (0, [])


def _complaints(text: str) -> Iterator[str]:
    """What systemd says of our units; it may have to say something of the machine's own."""
    yield from (line for line in text.splitlines() if "targeting" in line)
