#!/bin/sh
# Brings Temporal's two databases to this version's schema. Safe to run again.
set -eu

update_schema() {
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "$2"
}

update_schema temporal postgresql/v12/temporal
update_schema temporal_visibility postgresql/v12/visibility
