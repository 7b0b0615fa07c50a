# syntax=docker/dockerfile:1

# Two images of one version; docs/container.md says how they are run.
#
#   docker build --tag casewright:0.1.0 .
#   docker build --tag casewright:0.1.0-ray --target ray .
#
# A tag moves with the fixes of its base. To build the very same again, pass the digests that were
# tested: --build-arg PYTHON=python:3.11-bookworm@sha256:… and PYTHON_SLIM likewise.
ARG PYTHON=python:3.11-bookworm
ARG PYTHON_SLIM=python:3.11-slim-bookworm

# Packages by hash, in an environment of their own. Compilers stay in this stage.
FROM ${PYTHON} AS packages
ENV PATH=/opt/casewright/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/casewright
COPY requirements.lock requirements-image.lock ./
RUN pip install --compile --no-deps --require-hashes \
        -r requirements.lock -r requirements-image.lock

# Our own wheel, built with what the lock brings for building.
FROM packages AS wheel
COPY pyproject.toml hatch_build.py README.md LICENSE cli.py ./
COPY casewright casewright
COPY tools tools
COPY knowledge_base knowledge_base
COPY agents agents
COPY graphs graphs
COPY review review
COPY evals evals
COPY sandbox sandbox
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

# What builds is not what runs; what is left has to be complete.
FROM packages AS installed
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --compile --no-deps /wheels/*.whl \
    && pip uninstall --yes hatchling editables django-htmx \
    && pip check

FROM installed AS installed-ray
COPY requirements-ray.lock ./
RUN pip install --compile --no-deps --require-hashes -r requirements-ray.lock \
    && pip check

# What both images run on: Pango and fonts for dossiers as PDF, and an account with a fixed number.
# Debian keeps one version of a package: the base's digest is what pins them.
FROM ${PYTHON_SLIM} AS system
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 casewright \
    && useradd --no-log-init --uid 10001 --gid 10001 --create-home --shell /usr/sbin/nologin casewright \
    && install --directory --owner=casewright --group=casewright --mode=0700 /home/casewright/data \
    && install --directory /workspace \
    # A login shell sets a PATH of its own, and KubeRay may start programs in one.
    && echo "PATH=/opt/casewright/bin:\$PATH" > /etc/profile.d/casewright.sh
# All that is written goes to the home folder's volume and to /tmp, so that the rest may be read-only.
ENV PATH=/opt/casewright/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    XDG_CACHE_HOME=/tmp/cache \
    CASEWRIGHT_HOME=/home/casewright/data
# Mount a folder with casewright.toml here to use it.
WORKDIR /workspace
USER 10001:10001
VOLUME ["/home/casewright/data"]
EXPOSE 8321
# As Ctrl-C: every command ends in good order on it, also as process 1.
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["casewright", "doctor", "--health", "http://127.0.0.1:8321/ready"]
ENTRYPOINT ["casewright"]
# It refuses to start until a way to sign in, a team and its own name are set.
CMD ["console", "--host", "0.0.0.0", "--behind-proxy"]

FROM system AS ray
COPY --from=installed-ray /opt/casewright /opt/casewright

FROM system AS casewright
COPY --from=installed /opt/casewright /opt/casewright
