"""What DAG files write their tasks with: context and parameters, assets, which errors a retry cannot help, and what a task says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, Param, get_current_context
from airflow.sdk.bases.decorator import TaskDecorator, task_decorator_factory
from airflow.sdk.exceptions import AirflowFailException

from stages.airflow_ui.links import PortalOperator

if TYPE_CHECKING:
    from stages.context import RunContext

RAW = Asset("gongkai_raw", extra={"what": "archived answers and notices below raw/"})
SILVER = Asset("gongkai_silver", extra={"what": "audited batches in the warehouse's schema silver"})
MARTS = Asset("gongkai_marts", extra={"what": "schema mart, built and tested"})
SNAPSHOT = Asset("gongkai_snapshot", extra={"what": "what readers see"})
SAID = "said"
"""XCom key of a task's sentence, which is kept for a red task, too."""


def context(run: str | None = None) -> RunContext:
    """The context of a run that was named before, or of a new one."""
    from stages.context import open_context

    return open_context(run)


def param(name: str) -> Any:
    """What the form of this DAG run holds."""
    return get_current_context()["params"][name]


def connection_urls(name: str) -> str | None:
    """The password of an Airflow connection, where there is one: Apprise URLs hold secrets, which Airflow keeps and masks."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        password: str | None = Connection.get(name).password
    except AirflowNotFoundException:
        return None
    return password


def portal_task(**given: Any) -> TaskDecorator:
    """`@task` for a function of `run` and `portal`: its task instances link to the portal's page, archived run and Data Docs."""
    return task_decorator_factory(decorated_operator_class=PortalOperator, **given)


def portals_param(none_means: str) -> Param:
    """The form's field for portal ids."""
    return Param([], type=["array", "null"], items={"type": "string"}, description=f"Portal ids, one a line; none means {none_means}.")


@contextmanager
def final() -> Iterator[None]:
    """Red at once where another try finds the same: a portal is not whole, or data or rules are wrong. What may pass is tried again."""
    from expectations.verdict import LibraryUnsound
    from gongkai.errors import MartsUnsound, StageFailed, WarehouseUnsound

    try:
        yield
    except (StageFailed, MartsUnsound, WarehouseUnsound, LibraryUnsound) as reason:
        raise AirflowFailException(str(reason)) from None


def label(text: str) -> None:
    """Name this mapped task in the UI (`map_index_template="{{ label }}"`); may be said again when more is known."""
    get_current_context()["label"] = text  # type: ignore[typeddict-unknown-key]


def say(sentence: str, asset: Asset | None = None, **facts: Any) -> str:
    """Keep the task's result in plain words (XCom `said`), and with `asset` as the metadata of the event that this task causes."""
    context = get_current_context()
    context["ti"].xcom_push(SAID, sentence)
    if asset is not None:
        context["outlet_events"][asset].extra = {"said": sentence, **facts}
    return sentence
