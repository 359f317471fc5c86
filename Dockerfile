FROM node:24.21.0-bookworm-slim

ENV NODE_ENV=production
# By default the C library gives each thread a heap of its own, and what one frees the others cannot use.
ENV MALLOC_ARENA_MAX=2
WORKDIR /app

COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

COPY src ./src

# A volume that is mounted here belongs to the worker's user, and to nobody else.
RUN install --directory --owner=node --group=node --mode=0700 /secrets

USER node
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=30", "src/worker.ts"]
