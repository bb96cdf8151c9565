import type { Menu } from "./menu.ts";
import { menu } from "./menu.ts";
import { running } from "../actions.ts";
import { figure } from "../figure.ts";
import { value } from "../format.ts";
import { thresholdOf } from "../look.ts";
import type { ExportFormat } from "../messages.ts";
import type { Panel, Part } from "../panel.ts";
import { mainMap, titles } from "../panes.ts";

/** What can be saved of the shown map. */
export function exportMenu(panel: Panel): Part {
  const { store, post } = panel;
  const made: Menu = menu("Export", "Export the map to a file", "export", () => {
    const { model } = store;
    const kind = mainMap(model)!;
    const threshold = thresholdOf(model, kind);
    const { colourMap, opacity } = model.view;
    const save = (format: ExportFormat, png?: Uint8Array): void => {
      post({ type: "export", format, kind, threshold, colourMap, opacity, ...(png === undefined ? {} : { png }) });
    };
    const images = model.host?.images ?? [];
    const item = (text: string, hint: string, format: ExportFormat): { text: string; hint: string; run(): void } => ({ text, hint, run: () => { save(format); } });
    return {
      title: `The ${titles[kind]} map as`,
      items: [
        item("Grey PNG", "0 black, 1 white", "png-grey"),
        item("Coloured PNG", colourMap, "png-colour"),
        item("32-bit float TIFF", "the values themselves", "tiff-float"),
        item("Mask PNG", `from ${value(threshold)}`, "png-mask"),
        item("GeoJSON contours", `at ${value(threshold)}, for QuPath`, "geojson"),
        {
          text: "Figure", hint: "picture, simple and exact, with bars",
          run: () => {
            void figure(model, panel.pictures).then(async (blob) => { save("figure", new Uint8Array(await blob.arrayBuffer())); });
          },
        },
        ...(images.length > 1
          ? [{
              text: `All ${images.length} images …`, hint: "a file for each, in a folder",
              // Runs with dropout are for the image at hand.
              run: () => { post({ type: "exportAll", images, kind: kind === "simple" ? "simple" : "exact", threshold, colourMap, opacity }); },
            }]
          : []),
      ],
    };
  });
  made.button.dataset["action"] = "export";
  return {
    element: made.element,
    update(model) {
      made.button.disabled = mainMap(model) === undefined || running(model);
    },
  };
}
