// The functions that read in the browser, without the page around them.
import { inWords } from "../../ui/components/live/answer_view.js";
import { picture } from "../../ui/components/live/ink.js";
import { predict, unpack } from "../../ui/components/live/network.js";
import { noEvidence, numberOf } from "../../ui/components/live/number_prediction.js";

export default { inWords, noEvidence, numberOf, predict, picture, unpack };
