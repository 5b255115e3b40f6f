# Built and checked against requirements.lock: every package has a locked hash. torch for Linux brings CUDA, so the
# image is large; EXTRAS="" gives a small one without an encoder.
FROM node:24-slim AS page
WORKDIR /source/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci
COPY web ./
RUN npm run build

FROM python:3.12-slim AS build
ARG UV_VERSION=0.13.9
ARG EXTRAS="--extra starter --extra open-clip"
ENV UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 \
    UV_PYTHON=/usr/local/bin/python \
    UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==${UV_VERSION}
WORKDIR /source

COPY pyproject.toml requirements.lock ./
RUN uv venv /opt/venuefinder \
 && uv pip install --no-cache --python /opt/venuefinder/bin/python --require-hashes \
      --constraints requirements.lock --requirements pyproject.toml ${EXTRAS}

COPY README.md LICENSE ./
COPY venuefinder venuefinder
COPY ingest ingest
COPY migrations migrations
COPY --from=page /source/venuefinder/page venuefinder/page
RUN uv build --wheel --require-hashes --build-constraints requirements.lock --out-dir /dist \
 && uv pip install --no-cache --python /opt/venuefinder/bin/python --no-deps /dist/*.whl

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /data venuefinder \
 && install --directory --owner venuefinder --mode 0700 /data
COPY --from=build /opt/venuefinder /opt/venuefinder
ENV MALLOC_ARENA_MAX=2 \
    PATH=/opt/venuefinder/bin:${PATH} \
    PYTHONUNBUFFERED=1 \
    VENUEFINDER_DATA_DIR=/data
WORKDIR /data
VOLUME /data
USER venuefinder
EXPOSE 8000
CMD ["venuefinder", "serve", "--host", "0.0.0.0"]
