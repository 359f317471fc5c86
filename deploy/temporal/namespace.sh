#!/bin/sh
# Makes the namespace and the search attributes that Spillway writes. Safe to run again.
set -eu

until temporal operator cluster health; do sleep 1; done

temporal operator namespace describe || temporal operator namespace create --retention 90d
# A new namespace is known to all of the server a few seconds later.
until temporal operator search-attribute list > /dev/null; do sleep 1; done

temporal operator search-attribute create \
  --name MigrationPhase --type Keyword \
  --name MigrationState --type Keyword \
  --name UsersImported --type Int \
  --name UsersFailed --type Int \
  --name PercentDone --type Double
