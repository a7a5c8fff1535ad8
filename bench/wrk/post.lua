-- Posts one message per request to room_1. Speaks to wrk: `wrk -s bench/wrk/post.lua URL`;
-- the Bearer token comes by -H. wrk itself counts every answer that is no 2xx or 3xx.
wrk.method = "POST"
wrk.path = "/messages"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"room_code":"room_1","content":"hello from wrk"}'
