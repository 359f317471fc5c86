FROM node:24.21.0-bookworm-slim@sha256:2fe369e969550cde8e867afc3fe370b260140cab4a23d467074295b42163d553

LABEL org.opencontainers.image.title="Spillway" \
  org.opencontainers.image.description="Moves the users of an AWS Cognito user pool to their next home." \
  org.opencontainers.image.version="0.2.0" \
  org.opencontainers.image.licenses="Apache-2.0"

ENV NODE_ENV=production
# Workers serve their metrics here; the health check below asks for them.
ENV SPILLWAY_METRICS_ADDRESS=127.0.0.1:9464
WORKDIR /app

COPY package.json package-lock.json ./
# The image starts Node alone, and has no use for npm.
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force \
  && rm -rf /usr/local/lib/node_modules/npm /usr/local/bin/npm /usr/local/bin/npx

COPY LICENSE spillway ./
COPY src ./src

# Volumes that are mounted at these belong to the worker's user, and to nobody else.
RUN ln -s /app/spillway /usr/local/bin/spillway \
  && mkdir /app/node_modules/.cache \
  && install --directory --owner=node --group=node --mode=0700 /secrets /reports

USER node
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SPILLWAY_METRICS_ADDRESS.split(':').at(-1)}/metrics`).then((answer) => process.exit(answer.ok ? 0 : 1))"]
CMD ["spillway", "worker"]
