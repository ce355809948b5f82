import { expect, test } from "vitest";
import { parse } from "./parse.ts";

test.each([
  ["0o67050", 'got "0o67050"', "Write it as 28200."],
  ['"8080"', 'got "8080"', "Remove the quotes."],
  [".inf", "got .inf", "Change the value."],
  ["-.inf", "got -.inf", "Change the value."],
  [".nan", "got .nan", "Change the value."],
])("a port that is %s is quoted as it was meant, with what to do about just that", (port, got, remedy) => {
  const text = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: door }
spec: { gatewayClassName: bandstand, listeners: [{ name: http, protocol: HTTP, port: ${port} }] }
`;
  const { problems } = parse([{ path: "site.yaml", bytes: Buffer.from(text) }]);
  expect(problems.map(({ message, remedy: said }) => [message.slice(-got.length), said])).toEqual([[got, remedy]]);
});
