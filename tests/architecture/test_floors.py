"""The fence, and what import-linter cannot see: foreign keys, names in strings, the clock, the table of ticks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.core.management import call_command
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from clinic.celery import CLOCK

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = {
    "x12": 1,
    "clinic": 2,
    "scheduling": 3,
    "ledger": 3,
    "clearinghouse": 3,
    "insurance": 4,
    "billing": 5,
    "checkin": 5,
    "collections_app": 5,
    "demo": 6,
}
# The front door names the offices by string, and only here.
FRONT_DOOR = {
    "clinic/settings.py",
    "clinic/urls.py",
    "clinic/celery.py",
    "clinic/web/panels.py",
    "clinic/web/navigation.py",
    "clinic/views/home.py",  # where each role's day begins
}
ASKS_THE_TIME = re.compile(
    r"datetime\.(now|utcnow|today)\(|\bdate\.today\(|\btimezone\.(now|localdate|localtime)\(|\btime\.time\(|\bNow\(\)"
    r"|auto_now(_add)?="
)
SQL_ASKS_THE_TIME = re.compile(
    r"(?<![.\w])(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)"
    r"|\b(current_date|current_time|current_timestamp|localtimestamp)\b",
    re.IGNORECASE,
)


def _sources() -> Iterator[Path]:
    for app in FLOORS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _strings(path: Path) -> Iterator[tuple[int, str]]:
    """String constants that are not docstrings."""
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def test_import_contracts_hold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_foreign_keys_point_down_and_never_to_a_sibling() -> None:
    wrong = []
    for model in apps.get_models():
        own = FLOORS.get(model._meta.app_label)
        for field in model._meta.get_fields():
            if own is None or not field.is_relation or field.auto_created or field.related_model is None:
                continue
            other_app = field.related_model._meta.app_label  # type: ignore[union-attr]
            other = FLOORS.get(other_app, 0)
            if other > own or (other == own and other_app != model._meta.app_label):
                wrong.append(f"{model._meta.label}.{field.name} -> {other_app}")

    assert wrong == []


def test_upper_apps_are_named_by_string_at_the_front_door_only() -> None:
    ticks = {tick.task: tick.task.split(".")[0].replace("collections", "collections_app") for tick in CLOCK}
    wrong = []
    for path in _sources():
        app = path.relative_to(ROOT).parts[0]
        if _name(path) in FRONT_DOOR:
            continue
        upper = [other for other, floor in FLOORS.items() if floor >= FLOORS[app] and other != app]
        rooms = "models|services|queries|tasks|views|api|forms|edi|admin"
        told = re.compile(rf"^({'|'.join(upper or ['-'])})(:[a-z_]+|\.[A-Z]\w+|\.({rooms})\b)")
        wrong += [
            f"{_name(path)}:{line} {text!r}"
            for line, text in _strings(path)
            if told.match(text) or (text in ticks and ticks[text] in upper)
        ]

    assert wrong == []


def test_nobody_but_the_clock_asks_the_time() -> None:
    wrong = [
        f"{_name(path)}:{number} {line.strip()}"
        for path in _sources()
        if _name(path) != "clinic/clock.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ASKS_THE_TIME.search(line)
    ]

    assert wrong == []


def test_no_sql_asks_the_time() -> None:
    migrations = [path for app in FLOORS for path in sorted((ROOT / app).glob("migrations/*.py"))]

    wrong = [
        f"{_name(path)}:{line} {text.strip()[:80]!r}"
        for path in (*_sources(), *migrations)
        for line, text in _strings(path)
        if SQL_ASKS_THE_TIME.search(text)
    ]

    assert wrong == []


def test_every_tick_of_the_clock_is_a_task_and_every_task_has_its_tick() -> None:
    current_app.loader.import_default_modules()
    tasks = {name for name in current_app.tasks if not name.startswith("celery.")}

    ticks = [tick.task for tick in CLOCK]

    assert sorted(ticks) == sorted(tasks)


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_locks_name_packages_by_hash_and_no_place_to_fetch_them_from() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        lines = [
            line.strip()
            for line in (ROOT / lock).read_text().splitlines()
            if line.strip() and not line.strip().startswith("#")
        ]
        strange = [
            line
            for line in lines
            if not re.match(r"^([A-Za-z0-9._-]+==[^ /:]+|--hash=sha256:[0-9a-f]{64})( \\)?$", line)
        ]

        assert strange == []
