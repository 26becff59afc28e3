#!/bin/sh
# Databases and roles, each with what it needs and no more; as often as one likes. PGHOST, PGUSER, PGPASSWORD lead to a superuser.
#   airflow      owns database airflow (Airflow's metadata)
#   gongkai      owns database gongkai (the warehouse); the pipeline writes as it
#   gongkai_bi   reads schemas mart and meta of it through the group gongkai_reader (docs/warehouse.md), never writes
# Passwords come from the environment; psql reads them there, so none stands in a process list or in the server's log.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres <<'SQL'
\getenv airflow AIRFLOW_DB_PASSWORD
\getenv gongkai GONGKAI_DB_PASSWORD
\getenv bi GONGKAI_BI_DB_PASSWORD
set client_min_messages = warning;
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_error_statement = 'panic';
set password_encryption = 'scram-sha-256';

select format('create role %I login', name) from unnest(array['airflow', 'gongkai', 'gongkai_bi']) as name
where not exists (select 1 from pg_roles where rolname = name) \gexec
select 'create role gongkai_reader nologin' where not exists (select 1 from pg_roles where rolname = 'gongkai_reader') \gexec
alter role airflow with password :'airflow' nosuperuser nocreatedb nocreaterole noreplication;
alter role gongkai with password :'gongkai' nosuperuser nocreatedb nocreaterole noreplication;
alter role gongkai_bi with password :'bi' nosuperuser nocreatedb nocreaterole noreplication connection limit 20;
grant gongkai_reader to gongkai_bi;
alter role gongkai_reader set default_transaction_read_only = on;
alter role gongkai_bi set default_transaction_read_only = on;
alter role gongkai_bi set statement_timeout = '5min';

select format('create database %I owner %I encoding ''UTF8'' template template0', name, name) from unnest(array['airflow', 'gongkai']) as name
where not exists (select 1 from pg_database where datname = name) \gexec
revoke all on database airflow, gongkai, postgres from public;
grant connect on database gongkai to gongkai_reader;
\connect airflow
revoke all on schema public from public;
grant all on schema public to airflow;
\connect gongkai
revoke all on schema public from public;
grant all on schema public to gongkai;
SQL
