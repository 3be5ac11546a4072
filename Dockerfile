# The project with its environment installed.
#
#     docker build -t brand-mlm .
#     docker run --rm -it brand-mlm
#
# The stage `tools` is the dev container's: it has the system's packages and no copy of the project.
FROM debian:bookworm-slim AS tools

# chromium, chromium-driver and fonts-dejavu-core are for the tests of pages and figures only.
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    ca-certificates git make openssl procps python3 python3-venv chromium chromium-driver fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --shell /bin/bash dev

FROM tools AS project

COPY --chown=dev:dev . /home/dev/brand-mlm

USER dev

WORKDIR /home/dev/brand-mlm

RUN make ready

CMD ["make", "repro"]
