"""Runs in Superset's own environment: metadata database, administrator and assets. Reads one JSON object from its input.

    {"password": "…", "assets": [{"metadata.yaml": "…", "charts/x.yaml": "…", …}, …]}

Written over what is there: the files are the truth, a change made in the browser and not exported is lost.
"""

import json
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import g
from flask_migrate import upgrade
from sqlalchemy import inspect
from sqlalchemy.engine import Engine
from superset.app import create_app


def let_two_databases_have_one_table_name(engine: Engine) -> None:
    """Drop a rule of Superset's first days that its migrations cannot drop in SQLite: that no two datasets have one table name.

    https://github.com/apache/superset/issues/33134; its models know the rule no more.
    """
    if not any(rule["column_names"] == ["table_name"] for rule in inspect(engine).get_unique_constraints("tables")):
        return
    with engine.begin() as connection:
        change = Operations(MigrationContext.configure(connection))
        with change.batch_alter_table("tables", naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"}) as tables:
            tables.drop_constraint("uq_tables_table_name", type_="unique")


def mend(home: Path, stamp: Path) -> None:
    """Put the metadata as they were before a migration that was cut off: SQLite cannot take back half of one."""
    database, kept = home / "superset.db", home / "superset.db.kept"
    prepared = stamp.read_text() if stamp.exists() else ""
    if prepared == version("apache-superset"):
        kept.unlink(missing_ok=True)
    elif not prepared:
        database.unlink(missing_ok=True)
    elif kept.exists():
        shutil.copyfile(kept, database)
    else:
        half = home / "superset.db.new"
        shutil.copyfile(database, half)
        half.replace(kept)


def migrate(engine: Engine, stamp: Path) -> None:
    """Bring the metadata to this version of Superset, once."""
    # These need an application to be imported.
    import superset
    from superset import appbuilder, db, security_manager

    if stamp.exists() and stamp.read_text() == version("apache-superset"):
        return
    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    db.session.commit()
    let_two_databases_have_one_table_name(engine)
    half = stamp.with_suffix(".new")
    half.write_text(version("apache-superset"))
    half.replace(stamp)


def main() -> None:
    """Migrate once for each Superset version; then import every set of assets."""
    given = json.load(sys.stdin)
    home = Path(os.environ["SUPERSET_HOME"])
    stamp = home / "prepared"
    mend(home, stamp)
    app = create_app()
    with app.app_context():
        from superset import db, security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand

        migrate(db.engine, stamp)
        admin = security_manager.find_user("admin")
        if admin is None:
            role = security_manager.find_role("Admin")
            admin = security_manager.add_user("admin", "Gongkai", "Admin", "admin@example.org", role, given["password"])
        security_manager.reset_password(admin.id, given["password"])  # a user may be older than the file with the password
        g.user = admin
        for assets in given["assets"]:
            ImportAssetsCommand(assets).run()


if __name__ == "__main__":
    main()
