// What two SCIM libraries make of the PATCH requests and filters on standard input.
// Reads {patches: [{resource, operations}], filters: [{filter, resources}]} and prints
// {patches: [{name: resource or {error}}], filters: [{name: places of those found, or {error}}]}.
import { scimPatch, patchBodyValidation } from "scim-patch";
import { filter as compile, parse } from "scim2-parse-filter";
import SCIMMY from "scimmy";

const { User, EnterpriseUser } = SCIMMY.Schemas;
User.definition.extend(EnterpriseUser.definition, false);

const urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const copy = (v) => JSON.parse(JSON.stringify(v));

async function tried(judges) {
  const out = {};
  for (const [name, judge] of Object.entries(judges)) {
    try {
      out[name] = copy(await judge());
    } catch (e) {
      out[name] = { error: String(e.message || e) };
    }
  }
  return out;
}

const patch = ({ resource, operations }) => tried({
  "scim-patch": () => {
    const request = copy({ schemas: [urn], Operations: operations });
    patchBodyValidation(request);
    return scimPatch(copy(resource), request.Operations, { mutateDocument: false, treatMissingAsAdd: true });
  },
  scimmy: async () => {
    const before = new User(copy(resource), "both");
    return (await new SCIMMY.Messages.PatchOp(copy({ schemas: [urn], Operations: operations })).apply(before)) ?? before;
  },
});

const places = (resources, is) => resources.flatMap((r, i) => (is(r) ? [i] : []));
const find = ({ filter, resources }) => tried({
  "scim2-parse-filter": () => places(resources, compile(parse(filter))),
  scimmy: () => places(resources, (r) => new SCIMMY.Types.Filter(filter).match([copy(r)]).length > 0),
});

const text = await new Promise((resolve) => {
  let all = "";
  process.stdin.on("data", (d) => (all += d)).on("end", () => resolve(all));
});
const { patches, filters } = JSON.parse(text);
const out = { patches: [], filters: [] };
for (const p of patches) out.patches.push(await patch(p));
for (const f of filters) out.filters.push(await find(f));
process.stdout.write(JSON.stringify(out));
