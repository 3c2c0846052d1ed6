// The functions that read in the browser, without the page around them.
import { picture } from "../../ui/components/live/ink.js";
import { judge, unpack } from "../../ui/components/live/network.js";

export default { judge, picture, unpack };
