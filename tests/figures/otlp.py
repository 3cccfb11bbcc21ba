"""Reads an OTLP request in JSON from standard input, strictly, and prints each point as a JSON object a line."""

import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

request = json_format.Parse(sys.stdin.read(), ExportMetricsServiceRequest())
for resource in request.resource_metrics:
    about = {item.key: item.value.string_value for item in resource.resource.attributes}
    for scope in resource.scope_metrics:
        for metric in scope.metrics:
            kind = metric.WhichOneof("data")
            for point in getattr(metric, kind).data_points:
                labels = {item.key: item.value.string_value for item in point.attributes}
                print(json.dumps({
                    "service": about["service.name"], "name": metric.name, "kind": kind, "labels": labels,
                    "value": point.count if kind == "histogram" else point.as_int, "time": point.time_unix_nano,
                    **({"buckets": list(point.bucket_counts), "bounds": list(point.explicit_bounds), "sum": point.sum}
                       if kind == "histogram" else {}),
                }))
