#pragma once

// Private to io/kafka: librdkafka's types end here.

#include "io/kafka/kafka_options.hpp"
#include "messages/errc.hpp"

#include <librdkafka/rdkafka.h>

#include <memory>

namespace tickerflow {

using kafka_handle = std::shared_ptr<rd_kafka_t>;

/// Makes a client; `extra` wins over the options' properties.
/// Errors  bad_setting naming the property that librdkafka refuses
caf::expected<kafka_handle> make_client(
    rd_kafka_type_t type, const kafka_options& options,
    const std::vector<std::pair<std::string, std::string>>& extra,
    void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr,
    void* opaque = nullptr);

/// Notes that a broker has answered: ends an outage in the log.
void kafka_answered(rd_kafka_t* client);

/// Turns librdkafka's error into ours, with what to do.
caf::error kafka_error(rd_kafka_resp_err_t code, const std::string& what);

} // namespace tickerflow
