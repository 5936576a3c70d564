# localcloud as one container. `make image` builds the executable first; nothing is pulled.
FROM scratch
ARG ARCH=amd64
COPY bin/localcloud-linux-${ARCH} /usr/local/bin/localcloud
# Folders for temporary files and for state.
WORKDIR /tmp
WORKDIR /var/lib/localcloud
ENV PATH=/usr/local/bin HOME=/tmp LOCALCLOUD_STATE=/var/lib/localcloud LOCALCLOUD_CONTAINER=1
VOLUME /var/lib/localcloud
EXPOSE 4566
HEALTHCHECK --interval=2s --timeout=5s --start-period=10s --retries=30 CMD ["localcloud", "status", "--ready"]
ENTRYPOINT ["localcloud"]
CMD ["up", "--foreground"]
