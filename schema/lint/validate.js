// What the reference implementation's newest release says of the schema.
import { readdirSync, readFileSync } from "node:fs";
import { buildSchema, validateSchema } from "graphql17";

const folder = new URL("../", import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith(".graphqls"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"));
const errors = validateSchema(buildSchema(sources.join("\n")));
for (const error of errors) console.error(String(error));
process.exitCode = errors.length > 0 ? 1 : 0;
