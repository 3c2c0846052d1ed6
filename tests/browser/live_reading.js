// The functions that read in the browser, without the page around them.
import { factOf, readingOf } from "../../ui/components/heat/words.js";
import { inWords } from "../../ui/components/live/answer_view.js";
import { cut } from "../../ui/components/live/cut.js";
import { coverer, fallsOf, inkedPlaces } from "../../ui/components/live/cover.js";
import { strongestMap } from "../../ui/components/live/strongest_map.js";
import { imageOf } from "../../ui/components/live/ink.js";
import { predict, unpack } from "../../ui/components/live/network.js";
import { noEvidence, numberOf } from "../../ui/components/live/number_prediction.js";

export default { coverer, cut, factOf, fallsOf, imageOf, inWords, inkedPlaces, noEvidence, numberOf, predict, readingOf, strongestMap, unpack };
