// Judges values by graphql-js, the reference. Takes a file of JSON with a schema and
// cases: of each it prints whether the value is good, as a variable of the type
// ("variables") or written in the document.
import { readFileSync } from 'node:fs';
import { GraphQLError, Kind, buildSchema, getVariableValues, parse, validate } from 'graphql';

const { schema: text, cases } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const schema = buildSchema(text);
const even = schema.getType('Even');
even.parseValue = (v) => {
  if (typeof v !== 'string' || v.length % 2) throw new GraphQLError('not even');
  return v;
};
even.parseLiteral = (node) => even.parseValue(node.kind === Kind.STRING ? node.value : null);

for (const { document, variables } of cases) {
  let good;
  try {
    const doc = parse(document);
    good = validate(schema, doc).length === 0;
    if (good && variables) {
      good = !getVariableValues(schema, doc.definitions[0].variableDefinitions, JSON.parse(variables)).errors;
    }
  } catch {
    good = false;
  }
  console.log(good);
}
