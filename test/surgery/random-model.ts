import type { NetShapes } from "../../src/net/shapes.ts";
import { volume } from "../../src/layers/shape.ts";
import { paramOwners } from "../../src/net/params.ts";
import { blobFields, encodeShape, encodeType, layerFields, netFields } from "../../src/weights/layout.ts";
import { encodeBytesField, encodeHeader, encodeVarintField, joinBytes } from "../../src/weights/wire.ts";

/** A model of random weights for a net, in its own format; in V1 with legacy dimensions, as old Caffes wrote them. */
export function modelBytes(shapes: NetShapes, random: () => number): Uint8Array {
  const format = shapes.net.format === "V1" ? "V1" : "V2";
  const owners = paramOwners(shapes);
  const drawn = new Map<string, Float32Array>();
  const layers = shapes.net.layers.map((layer) => {
    const blobs = shapes.layers[layer.index]!.params.map((shape, i) => {
      const owner = owners[layer.index]![i]!;
      const key = `${owner.layer.index} ${owner.index}`;
      const data = drawn.get(key) ?? values(layer.type, i, volume(shape!), random);
      drawn.set(key, data);
      const legacy = [...Array.from({ length: Math.max(0, 4 - shape!.length) }, () => 1), ...shape!];
      const dims = format === "V1" ? joinBytes([blobFields.num, blobFields.channels, blobFields.height, blobFields.width].map((field, axis) => encodeVarintField(field, legacy[axis]!))) : encodeBytesField(blobFields.shape, encodeShape(shape!));
      const inside = joinBytes([dims, encodeHeader(blobFields.data, data.length * 4), new Uint8Array(data.buffer)]);
      return encodeBytesField(layerFields[format].blobs, inside);
    });
    return encodeBytesField(format === "V1" ? netFields.layersV1 : netFields.layersV2, joinBytes([encodeBytesField(layerFields[format].name, layer.name), encodeType(format, layer.type) ?? new Uint8Array(), ...blobs]));
  });
  return joinBytes([encodeBytesField(netFields.name, "random"), ...layers]);
}

/** Statistics of BatchNorm are positive. */
function values(type: string, index: number, count: number, random: () => number): Float32Array {
  const isPositive = type === "BatchNorm" && index > 0;
  return Float32Array.from({ length: count }, () => (isPositive ? 0.5 + random() : 2 * random() - 1));
}
