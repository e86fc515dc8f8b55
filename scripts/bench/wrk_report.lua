-- For wrk: prints what it measured as a line of JSON. See BenchmarkHTTP.
function done(summary, latency)
  local e = summary.errors
  print(('{"requests": %d, "microseconds": %d, "errors": %d, "p50": %d, "p99": %d}'):format(
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
