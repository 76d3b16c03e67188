// Says each line of standard input to a skill's web service through virtual-alexa, and
// prints each answer as a line of JSON. Arguments: the address, the interaction model.
// "(launch)" opens the skill, "(end)" is the device ending the session.
const { readFileSync } = require("node:fs");
const { VirtualAlexa } = require("virtual-alexa");

async function main([address, model]) {
  const alexa = VirtualAlexa.Builder().skillURL(address).interactionModelFile(model).locale("en-US").create();
  const said = { "(launch)": () => alexa.launch(), "(end)": () => alexa.endSession() };
  for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    const answer = await (said[line] || (() => alexa.utter(line)))();
    console.log(JSON.stringify(answer));
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
