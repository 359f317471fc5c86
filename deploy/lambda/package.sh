#!/bin/sh
# Makes deploy/lambda/bridge.zip for AWS Lambda (runtime nodejs24.x, handler index.handler) out of the checkout.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cp -R "$root/src" "$root/package.json" "$root/package-lock.json" "$root/deploy/lambda/index.mjs" "$folder"
cd "$folder"
npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# Only workers and commands need these; Lambda takes 250 MB.
rm -rf node_modules/@temporalio node_modules/@swc node_modules/webpack node_modules/.bin
rm -f "$root/deploy/lambda/bridge.zip"
zip -qr9 "$root/deploy/lambda/bridge.zip" .
echo "$root/deploy/lambda/bridge.zip"
