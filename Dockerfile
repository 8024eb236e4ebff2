# Two stages: the build, and an image with the one binary.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin letopis

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 letopis
COPY --from=build /src/target/release/letopis /usr/local/bin/letopis
USER letopis
EXPOSE 8080
ENTRYPOINT ["letopis"]
CMD ["serve"]
