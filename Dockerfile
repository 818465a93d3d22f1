# syntax=docker/dockerfile:1
# The image has every engine. The compiler is the one that rust-toolchain.toml names; CI compares them.
ARG RUST_VERSION=1.95.0

FROM rust:${RUST_VERSION}-trixie AS build
ARG RUST_VERSION
# The image's own toolchain: the file would ask for formatters and lints, too.
ENV RUSTUP_TOOLCHAIN=${RUST_VERSION}
WORKDIR /source
COPY . .
# What was compiled stays in the builder's cache, so the binary is taken out in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/usr/local/cargo/git \
    --mount=type=cache,target=/source/target \
    cargo build --locked --release --package server --features full --bin kiban \
    && cp target/release/kiban /kiban \
    && mkdir /empty

FROM debian:trixie-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="kiban" \
      org.opencontainers.image.description="The backend of a data-access marketplace for a national cancer whole-genome platform" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# For TLS to EventStoreDB and to Kafka.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /empty /var/lib/kiban
COPY --from=build /kiban /usr/local/bin/kiban
# Callers are believed on the loopback only, so to listen on all addresses gives nobody a say.
ENV KIBAN_LISTEN=0.0.0.0:50051 \
    KIBAN_DATA_DIR=/var/lib/kiban
WORKDIR /var/lib/kiban
VOLUME /var/lib/kiban
EXPOSE 50051 9464
USER 65532:65532
ENTRYPOINT ["kiban"]
CMD ["serve"]
