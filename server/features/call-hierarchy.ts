import { SymbolKind, type CallHierarchyIncomingCall, type CallHierarchyIncomingCallsParams, type CallHierarchyItem, type CallHierarchyOutgoingCall, type CallHierarchyOutgoingCallsParams, type CallHierarchyPrepareParams, type ServerCapabilities } from "vscode-languageserver/node";
import { shapeText } from "../../src/layers/shape.ts";
import type { Analysis } from "../../src/ide/analysis.ts";
import { downstream, layerAt, upstream, type LayerItem } from "../../src/ide/navigation.ts";
import { offset, range } from "../convert.ts";
import type { Server } from "../server.ts";

/** The layers before and after a layer, step by step: the layers it reads from call it, it calls those that read it. */
export function callHierarchy({ connection, documents, answer }: Server): ServerCapabilities {
  const layerOf = async ({ uri, selectionRange }: CallHierarchyItem): Promise<{ analysis: Analysis; item: LayerItem } | undefined> => {
    const analysis = await documents.analysis(uri);
    const item = analysis === undefined ? undefined : layerAt(analysis, offset(analysis.lines, selectionRange.start));
    return analysis === undefined || item === undefined ? undefined : { analysis, item };
  };
  connection.languages.callHierarchy.onPrepare(
    answer("call hierarchy", async ({ textDocument, position }: CallHierarchyPrepareParams): Promise<CallHierarchyItem[] | null> => {
      const analysis = await documents.analysis(textDocument.uri);
      const item = analysis === undefined ? undefined : layerAt(analysis, offset(analysis.lines, position));
      return analysis === undefined || item === undefined ? null : [convert(textDocument.uri, analysis, item)];
    }),
  );
  connection.languages.callHierarchy.onIncomingCalls(
    answer("call hierarchy", async ({ item }: CallHierarchyIncomingCallsParams): Promise<CallHierarchyIncomingCall[]> => {
      const found = await layerOf(item);
      if (found === undefined) return [];
      const { analysis } = found;
      return upstream(analysis, found.item.layer).map((step) => ({ from: convert(item.uri, analysis, step.item), fromRanges: step.places.map((place) => range(analysis.lines, place)) }));
    }),
  );
  connection.languages.callHierarchy.onOutgoingCalls(
    answer("call hierarchy", async ({ item }: CallHierarchyOutgoingCallsParams): Promise<CallHierarchyOutgoingCall[]> => {
      const found = await layerOf(item);
      if (found === undefined) return [];
      const { analysis } = found;
      return downstream(analysis, found.item.layer).map((step) => ({ to: convert(item.uri, analysis, step.item), fromRanges: step.places.map((place) => range(analysis.lines, place)) }));
    }),
  );
  return { callHierarchyProvider: true };
}

function convert(uri: string, { lines, shapes }: Analysis, { layer, whole, name }: LayerItem): CallHierarchyItem {
  const shape = shapes.layers[layer.index]!.tops[0];
  return {
    name: layer.name, kind: SymbolKind.Class, uri, range: range(lines, whole), selectionRange: range(lines, name),
    detail: [layer.type, ...(shape === undefined ? [] : [shapeText(shape, "hide")])].join(" · "),
  };
}
