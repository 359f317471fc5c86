#!/bin/sh
# Makes Temporal's two databases, or brings them to this version's schema. Safe to run again.
set -eu

make_database() {
  temporal-sql-tool --database "$1" create-database
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "$2"
}

make_database temporal postgresql/v12/temporal
make_database temporal_visibility postgresql/v12/visibility
