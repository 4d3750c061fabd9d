// The style of schema/*.graphqls: the plugin's recommended rules and Relay's,
// and a description on everything that a client sees.
import { fileURLToPath } from "node:url";
import graphql from "@graphql-eslint/eslint-plugin";

// Types that have no identity of their own: parts of others, and positions.
const values = [
  "Appointer",
  "AccessExplanation",
  "AccessRefusal",
  "Guardrail",
  "Policy",
  "PolicySet",
  "PolicyChange",
  "PolicyEdit",
  "PolicyEscalation",
  "PolicyRehearsal",
  "RehearsedRequest",
  "PolicyStep",
  "PolicySubject",
  "PolicyTag",
  "PolicyVersion",
  "PolicyWarning",
  "PolicyWhat",
  "PolicyWho",
  "StepApprover",
  "Track",
  "TrackStep",
  "AccessRequestAction",
  "AccessRequestItem",
  "AccessRequestReceipt",
  "CatalogImportCounts",
  "CatalogImportRow",
  "Consumer",
  "DemotionEnds",
  "Directory",
  "DirectoryRecord",
  "DirectoryRefusal",
  "DisablingEnds",
  "EndedRequests",
  "DeliveryAttempt",
  "Extension",
  "Grant",
  "GroupDeletionEnds",
  "JournalCheckpoint",
  "JournalEntry",
  "NotificationPreview",
  "NotificationRoute",
  "OfferedWebhook",
  "Overview",
  "OwnedThing",
  "OwnedThings",
  "PendingAge",
  "RequestNumbers",
  "RequestDay",
  "BusyResource",
  "DeliveryNumbers",
  "IntegrationNumbers",
  "SlackChannel",
  "Limits", "PageInfo",
  "LostDecisions",
  "Manager",
  "Membership",
  "Owner",
  "Tag",
  "Problem",
  "ProblemList",
  "Record",
  "RequestEvent",
  "RequestSnapshot",
  "Requester",
  "Actor",
  "Viewer",
  "Review",
  "Separation",
  "SlackLinkOffer",
  "SlackApp",
  "SlackWaiting",
  "TokenScope",
];

const edgeTypes = { listTypeCanWrapOnlyEdgeType: false };

export default [
  {
    files: ["*.graphqls"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: {
        graphQLConfig: {
          schema: fileURLToPath(new URL("../*.graphqls", import.meta.url)),
        },
      },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      // One line or a block: whichever the text needs.
      "@graphql-eslint/description-style": "off",
      // It takes Review.reviewer for a stutter.
      "@graphql-eslint/no-typename-prefix": "off",
      // Lists that are no connections are allowed: a request's items are few.
      "@graphql-eslint/relay-edge-types": ["error", edgeTypes],
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          ignoredSelectors: [
            // Directives for the code generator, which no client sees.
            "DirectiveDefinition[name.value=/^go[A-Z]/] InputValueDefinition",
          ],
        },
      ],
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            types: values,
            suffixes: ["Connection", "Edge", "Payload", "Error"],
          },
        },
      ],
    },
  },
  {
    // Directives for the code generator stand here, used or not.
    files: ["base.graphqls"],
    rules: { "@graphql-eslint/no-unreachable-types": "off" },
  },
  {
    // An entry is found by its place in the journal, a row by its place in the file, a membership
    // by its group, a version of the policies by its number, not by an ID.
    files: ["catalog_import.graphqls", "group.graphqls", "journal.graphqls", "policy.graphqls"],
    rules: {
      "@graphql-eslint/relay-edge-types": [
        "error",
        { ...edgeTypes, shouldImplementNode: false },
      ],
    },
  },
];
