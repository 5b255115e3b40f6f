"""The compose file and the Dockerfile, read as documents: what they must never come to say."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from venuefinder.api.serving import SHUTDOWN_SECONDS
from venuefinder.settings import Settings, load_settings
from venuefinder.vlm.chat_requests import REPORT_TOKENS, strict_schema
from venuefinder.vlm.prompts import spelled_out
from venuefinder.vlm.resizing import TOKEN_SIDE
from venuefinder.vlm.served_address import served_model

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = ["api", "migrate", "worker"]


def service(name: str) -> dict[str, Any]:
    return COMPOSE["services"][name]


def environments() -> list[tuple[str, str, str]]:
    return [
        (name, key, str(value))
        for name, found in COMPOSE["services"].items()
        for key, value in found["environment"].items()
    ]


def test_the_volume_is_where_postgres_18_keeps_its_data():
    """PostgreSQL 18 images moved it to a sub-folder of /var/lib/postgresql: a volume on .../data loses everything."""
    assert service("db")["image"] == "pgvector/pgvector:pg18"
    assert service("db")["volumes"] == ["postgres:/var/lib/postgresql"]


def test_the_worker_copies_shards_to_a_disk():
    """Its /tmp is memory, and a shard may have a hundred gigabytes."""
    folder = service("worker")["environment"]["TMPDIR"]

    assert folder not in service("worker")["tmpfs"]
    assert f"data:{folder}" in service("worker")["volumes"]


def test_named_volumes_are_declared():
    used = {volume.split(":")[0] for found in COMPOSE["services"].values() for volume in found.get("volumes", [])}

    assert {name for name in used if not name.startswith("./")} == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", ["db", "api", "vlm"])
def test_ports_are_published_on_loopback_alone(name):
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in service(name)["ports"])


def test_no_secret_has_a_value_in_the_file():
    secrets = [
        (name, value)
        for service_name, name, value in environments()
        if re.search("PASSWORD|API_KEY", name) and service_name != "vlm"
    ]

    assert len(secrets) == 5
    assert all(re.fullmatch(r"\$\{[A-Z_]+:\?.+\}", value) for _, value in secrets)
    assert not [value for _, _, value in environments() if re.search(r"://[^@/]*:[^@/]*@", value)]


def test_every_setting_it_gives_exists():
    known = {"DATABASE_URL"} | {f"VENUEFINDER_{field.upper()}" for field in Settings.model_fields}
    text = (ROOT / "docker-compose.yml").read_text() + DOCKERFILE

    assert set(re.findall(r"\bVENUEFINDER_[A-Z_]+|\bDATABASE_URL\b", text)) <= known


def test_every_variable_it_asks_for_is_in_the_example():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    example = (ROOT / ".env.example").read_text()

    assert asked == {name for name in asked if f"\n{name}=" in example}


@pytest.mark.parametrize("name", OURS)
def test_every_setting_of_the_users_env_file_reaches_our_containers(name):
    assert service(name)["env_file"] == [{"path": ".env", "required": False}]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_write_only_their_data(name):
    found = service(name)

    assert found["read_only"] is True
    assert found["tmpfs"] == ["/tmp"]  # noqa: S108 - a path inside the container
    assert found["volumes"] == ["data:/data", "./sources:/sources:ro"]
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]


def test_the_api_starts_after_a_migrated_healthy_database():
    assert service("db")["healthcheck"]["test"][0] == "CMD-SHELL"
    assert service("migrate")["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert service("migrate")["command"] == ["venuefinder", "init"]
    assert service("api")["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert "/healthz" in service("api")["healthcheck"]["test"][-1]


def test_requests_under_way_may_end_before_the_api_is_killed():
    assert service("api")["stop_grace_period"] == "30s"
    assert SHUTDOWN_SECONDS < 30


def test_the_worker_is_what_the_api_is_but_for_its_command():
    """One that saw other photos than the API would ingest what nobody is shown."""
    shared = {"build", "image", "env_file", "read_only", "tmpfs", "volumes", "cap_drop", "security_opt", "restart"}

    assert service("worker")["command"] == ["venuefinder", "worker"]
    assert {name: service("worker")[name] for name in shared} == {name: service("api")[name] for name in shared}
    own = {"TMPDIR"}
    assert {k: v for k, v in service("worker")["environment"].items() if k not in own} == service("migrate")[
        "environment"
    ]
    assert service("worker")["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert "ports" not in service("worker")


def test_a_stopped_worker_has_time_to_write_its_batch_and_give_its_job_back():
    assert service("worker")["stop_grace_period"] == "1m"


def test_the_sources_of_the_users_are_not_committed():
    assert "/sources/" in (ROOT / ".gitignore").read_text().splitlines()


def test_an_api_reachable_from_outside_its_container_needs_a_key():
    assert "0.0.0.0" in service("api")["command"]  # noqa: S104 - what the file says
    assert service("api")["environment"]["VENUEFINDER_API_KEY"].startswith("${VENUEFINDER_API_KEY:?")


def option(name: str) -> str:
    command: list[str] = service("vlm")["command"]
    return command[command.index(name) + 1]


def test_the_model_is_served_where_it_is_asked_for_alone():
    """A variable that compose insists on would stop everybody without a GPU, so the container insists on the key."""
    assert [name for name, found in COMPOSE["services"].items() if "profiles" in found] == ["vlm"]
    assert service("vlm")["profiles"] == ["gpu"]
    assert not [name for name in OURS if "vlm" in service(name).get("depends_on", {})]
    assert service("vlm")["environment"]["VLLM_API_KEY"] == "${VENUEFINDER_VLM_API_KEY:-}"


@pytest.mark.parametrize(("key", "said"), [("", "set VENUEFINDER_VLM_API_KEY in .env\n"), ("sesame", "")])
def test_the_model_is_not_served_without_a_key(tmp_path, key, said):
    vllm = tmp_path / "vllm"
    vllm.write_text('#!/bin/sh\necho "$@"\n')
    vllm.chmod(0o755)
    command = [part.replace("$$", "$") for part in service("vlm")["entrypoint"]] + service("vlm")["command"]

    ran = subprocess.run(
        command, env={"PATH": f"{tmp_path}:/usr/bin:/bin", "VLLM_API_KEY": key}, capture_output=True, text=True
    )

    assert (ran.returncode == 0, ran.stderr) == (bool(key), said)
    assert ran.stdout == (f"serve {' '.join(service('vlm')['command'])}\n" if key else "")


def test_the_model_has_a_version_a_gpu_and_a_place_for_its_weights():
    assert re.fullmatch(r"vllm/vllm-openai:v\d+\.\d+\.\d+", service("vlm")["image"])
    (device,) = service("vlm")["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    assert service("vlm")["volumes"] == ["models:" + service("vlm")["environment"]["HF_HOME"]]
    assert "/health" in service("vlm")["healthcheck"]["test"][-1]


def test_the_model_sees_photos_as_they_are_sent():
    size = json.loads(option("--mm-processor-kwargs"))["size"]
    defaults = {name: Settings.model_fields[name].default for name in ("vlm_min_tokens", "vlm_max_tokens")}
    most = size["longest_edge"] // TOKEN_SIDE**2

    assert size["shortest_edge"] <= defaults["vlm_min_tokens"] * TOKEN_SIDE**2
    assert most >= defaults["vlm_max_tokens"]
    assert int(option("--max-model-len")) >= most + len(spelled_out(json.dumps(strict_schema()))) / 3 + REPORT_TOKENS
    assert json.loads(option("--limit-mm-per-prompt")) == {"image": 1, "video": 0}


def test_the_example_names_the_model_that_compose_serves():
    """`#` begins the model's name, and would begin a comment after a space."""
    guide = (ROOT / "docs" / "guides" / "vision-models.md").read_text()
    line = "VENUEFINDER_VLM=openai:http://vlm:8000/v1#" + service("vlm")["command"][0]
    Path(".env").write_text(f"{line}\nVENUEFINDER_VLM_API_KEY=sesame\n")

    assert line in guide
    settings = load_settings()
    assert settings.vlm == line.removeprefix("VENUEFINDER_VLM=")
    assert served_model(settings.vlm.removeprefix("openai:"), has_key=True).host == "vlm:8000"


def test_the_image_is_locked_and_runs_as_an_ordinary_user():
    instructions = re.sub(r"\\\n\s*", "", DOCKERFILE)
    installs = [line for line in instructions.splitlines() if "uv pip install" in line]

    assert all("--require-hashes" in line for line in installs)
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.M) == ["venuefinder"]
    assert DOCKERFILE.index("USER venuefinder") > DOCKERFILE.rindex("FROM ")
    assert 'CMD ["venuefinder", "serve", "--host", "0.0.0.0"]' in DOCKERFILE


def test_the_image_is_built_by_the_uv_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text()

    assert re.findall(r"UV_VERSION=([\d.]+)", DOCKERFILE) == re.findall(r"UV_VERSION := ([\d.]+)", makefile)


def test_everything_copied_is_let_through_to_the_engine():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source
        for arguments in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M)
        for source in arguments.split()[:-1]
    }

    assert {name.partition("/")[0] for name in copied} == kept
    assert all((ROOT / name).exists() for name in copied)
