// An echo server in Node: node echo.js
const server = require("net").createServer((client) => {
  client.on("error", () => {})
  client.on("data", (data) => client.write(data))
})
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log("listening on 127.0.0.1:" + server.address().port)
})
