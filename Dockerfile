# Crosscheck in a container: the Python that constraints.txt was tried with, CPU models inside, nothing downloaded at run time.
# It runs as user 10001 with a read-only root; /var/lib/crosscheck is all that it writes to, and /tmp.
FROM python:3.11-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/crosscheck
WORKDIR /src
COPY constraints.txt ./
# PyTorch's own index has the small build without NVIDIA's libraries, but not everything that torch needs: that comes below.
RUN /opt/crosscheck/bin/pip install --no-deps -c constraints.txt torch --index-url https://download.pytorch.org/whl/cpu
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY config config
COPY db db
COPY retrieval retrieval
RUN /opt/crosscheck/bin/pip install -c constraints.txt '.[postgres]'

FROM python:3.11-slim-trixie
# pg_dump and its like, for `db backup`: of PostgreSQL 17, so for servers up to that.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 crosscheck \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/crosscheck --shell /usr/sbin/nologin crosscheck \
    && install -d -m 0700 -o 10001 -g 10001 /var/lib/crosscheck
COPY --from=build /opt/crosscheck /opt/crosscheck
# hadolint ignore=DL3064
ENV PATH=/opt/crosscheck/bin:$PATH \
    HOME=/var/lib/crosscheck \
    MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 \
    HF_HUB_OFFLINE=1 \
    TOKENIZERS_PARALLELISM=false \
    CROSSCHECK_DATA_DIR=/var/lib/crosscheck \
    CROSSCHECK_MONITOR=9464
USER 10001:10001
WORKDIR /var/lib/crosscheck
VOLUME /var/lib/crosscheck
STOPSIGNAL SIGTERM
# The models take some seconds to load, an index to be made anew up to some minutes.
HEALTHCHECK --interval=30s --timeout=10s --start-period=5m --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9464/healthz', timeout=9)"]
ENTRYPOINT ["crosscheck"]
CMD ["run"]
