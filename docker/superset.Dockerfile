# Superset with our dashboards on the PostgreSQL warehouse (docs/bi.md). Build from the project's root.
ARG BASE_IMAGE=python:3.11-slim-bookworm

# hadolint ignore=DL3006
FROM ${BASE_IMAGE} AS build
ARG UV_VERSION=0.13.8
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 UV_SYSTEM_CERTS=1
RUN python -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==${UV_VERSION}"
WORKDIR /opt/gongkai/docker/superset
COPY docker/superset/pyproject.toml docker/superset/uv.lock ./
RUN /opt/uv/bin/uv sync --locked

# hadolint ignore=DL3006
FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="gongkai-superset" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --create-home --uid 10001 --gid 0 gongkai && install -d -m 0770 -o gongkai -g 0 /var/lib/superset
COPY --from=build /opt/gongkai/docker/superset/.venv /opt/gongkai/docker/superset/.venv
COPY docker/superset /opt/gongkai/docker/superset
COPY docker/superset_entrypoint.sh /opt/gongkai/docker/
COPY warehouse/marts/models /opt/gongkai/warehouse/marts/models
COPY warehouse/marts/columns.csv /opt/gongkai/warehouse/marts/
USER 10001
WORKDIR /opt/gongkai/docker/superset
ENV PATH=/opt/gongkai/docker/superset/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SUPERSET_HOME=/var/lib/superset \
    SUPERSET_CONFIG_PATH=/opt/gongkai/docker/superset/superset_config.py
VOLUME /var/lib/superset
EXPOSE 8088
HEALTHCHECK --interval=30s --timeout=10s --start-period=180s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8088/health', timeout=8)"]
ENTRYPOINT ["/opt/gongkai/docker/superset_entrypoint.sh"]
