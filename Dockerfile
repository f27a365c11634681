# A static program and nothing else: docker build --tag kubeshoal . && docker run --rm --volume "$PWD:/work:ro" kubeshoal check
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY rules rules
COPY benches benches
RUN cargo build --locked --release --bin kubeshoal

FROM scratch
COPY --from=build /source/target/release/kubeshoal /kubeshoal
USER 65534:65534
WORKDIR /work
ENTRYPOINT ["/kubeshoal"]
CMD ["check"]
