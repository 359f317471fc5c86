#!/bin/sh
# Makes deploy/lambda/bridge.zip for AWS Lambda (runtime nodejs24.x, handler index.handler) out of the checkout.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# What git has, as it stands here: no ledger or secrets of somebody who worked in src/.
cd "$root"
git -c safe.directory="$root" ls-files -z src package.json package-lock.json |
  tar -cf - --null -T - | tar -xf - -C "$folder"
cp deploy/lambda/index.mjs "$folder"
cd "$folder"
npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# Only workers and commands need these; Lambda takes 250 MB.
rm -rf node_modules/@temporalio node_modules/@swc node_modules/webpack node_modules/.bin
# Lambda reads it as another user, whatever the umask here is.
chmod -R a+rX .
rm -f "$root/deploy/lambda/bridge.zip"
zip -qr9 "$root/deploy/lambda/bridge.zip" .
echo "$root/deploy/lambda/bridge.zip"
