"""Links from a portal's task to its evidence, and the operator that carries them.

A link is made in the task's own process, which knows the portal and the run; Airflow's UI reads it from the XCom where it was kept.
"""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.providers.standard.decorators.python import _PythonDecoratedOperator
from airflow.sdk import BaseOperatorLink

PREFIX = "/gongkai"
"""Where Airflow's API server shows our pages."""


class _PortalLink(BaseOperatorLink):
    """A page about the portal (and run) that a task was given."""

    place: ClassVar[str]

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        given = operator.op_kwargs
        return f"{PREFIX}/{self.place.format(portal=given['portal'], run=given['run'])}"


class PortalPage(_PortalLink):
    name = "Portal"
    place = "site/portal/{portal}.html"


class ArchivedRun(_PortalLink):
    name = "Archive"
    place = "run/{portal}/{run}"


class DataDocs(_PortalLink):
    name = "Data Docs"
    place = "docs/{portal}.html"


class PortalOperator(_PythonDecoratedOperator):
    """A Python task with arguments `run` and `portal`."""

    custom_operator_name = "@portal_task"
    operator_extra_links = (PortalPage(), ArchivedRun(), DataDocs())
