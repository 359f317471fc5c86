-- The roles and databases of docker-compose.yml: each role owns what is its own, and cannot connect to what is not.
-- Safe to run again: it makes what is missing, and sets the passwords of the environment.
\set ON_ERROR_STOP on
\getenv spillway_password SPILLWAY_DATABASE_PASSWORD
\getenv temporal_password TEMPORAL_DATABASE_PASSWORD

select format('create role %I', wanted) from unnest(array['spillway', 'temporal']) as wanted
where not exists (select from pg_roles where rolname = wanted) \gexec

alter role spillway login nosuperuser nocreatedb nocreaterole nobypassrls noreplication password :'spillway_password';
alter role temporal login nosuperuser nocreatedb nocreaterole nobypassrls noreplication password :'temporal_password';

select format('create database %I owner %I', wanted.datname, wanted.owner)
from (values ('spillway', 'spillway'), ('temporal', 'temporal'), ('temporal_visibility', 'temporal'))
  as wanted (datname, owner)
where not exists (select from pg_database where datname = wanted.datname) \gexec

-- Anybody who has a role may connect to a database, unless that is taken away.
revoke all on database spillway, temporal, temporal_visibility, postgres, template1 from public;
