#!/bin/sh
# Builds the subgraph with the addresses of OPENLEDGER_DEPLOYMENT and gives it to graph-node.
set -eu
node deploy/networks.ts > /tmp/networks.json
cd subgraph
npx graph codegen
npx graph build --network openledger --network-file /tmp/networks.json
npx graph create --node http://graph-node:8020 subgraph-0
npx graph deploy --node http://graph-node:8020 --ipfs http://ipfs:5001 --version-label "$(date +%Y%m%d%H%M%S)" \
  --network openledger --network-file /tmp/networks.json subgraph-0
