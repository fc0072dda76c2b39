#!/bin/bash
# shellcheck disable=SC2086
exec java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${KAFKA_OPTS:-} \
  -Dlog4j.configuration=file:/etc/kafka/docker/log4j.properties \
  -cp '/opt/kafka/libs/*' kafka.tools.StorageTool "$@"
