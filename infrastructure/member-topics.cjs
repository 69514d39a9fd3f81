'use strict';

/**
 * Each takes a statement of intake's policy, of which AWS lets a function have 20 KB, and the stack's own rules need almost half of that.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const most = 25;

/** The accounts and regions whose topics a hub listens to, by the parameter memberTopics: `444455556666:eu-west-1`, with commas between them. */
const topicsOf = (text) => {
  const all = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const wrong = all.find((one) => !/^\d{12}:[a-z]{2}(?:-[a-z]+)+-\d$/.test(one));
  if (wrong !== undefined)
    throw new Error(`the parameter memberTopics must have accounts and regions such as 444455556666:eu-west-1, not ${wrong}`);
  const places = [...new Set(all)];
  if (places.length > most)
    throw new Error(`the parameter memberTopics may name ${most} topics at most: the alarms of more come by the bus`);
  return places.map((place) => {
    const [account, region] = place.split(':');
    return { account, region };
  });
};

module.exports = { topicsOf };
