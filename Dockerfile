FROM node:24.21.0-bookworm-slim

ENV NODE_ENV=production
WORKDIR /app

COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

COPY src ./src

USER node
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=40", "src/worker.ts"]
