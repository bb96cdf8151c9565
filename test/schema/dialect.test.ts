import { expect, test } from "vitest";
import { enumHomes, fieldHomes } from "../../src/schema/dialect.ts";
import { dialectNames } from "../../src/schema/schema.ts";

function checkHomes(path: string, homes: readonly string[]): void {
  const dot = path.lastIndexOf(".");
  expect([path, fieldHomes(path.slice(0, dot), path.slice(dot + 1))]).toEqual([path, homes]);
}

test("names the dialects that know a field", () => {
  checkHomes("LayerParameter.name", dialectNames);
  checkHomes("LayerParameter.clip_param", ["bvlc"]);
  checkHomes("LayerParameter.permute_param", ["nvidia", "intel", "ssd", "mobilenet-yolo"]);
  checkHomes("LayerParameter.upsample_param", ["segnet", "mobilenet-yolo"]);
  checkHomes("LayerParameter.interp_param", ["pspnet", "deeplab-v2"]);
  checkHomes("BNParameter.slope_filler", ["pspnet"]);
  checkHomes("BNParameter.shift_filler", ["segnet"]);
  checkHomes("PoolingParameter.round_mode", ["bvlc", "mobilenet-yolo"]);
  checkHomes("PoolingParameter.ceil_mode", []);
  checkHomes("NoSuchParameter.name", []);
});

test("names the dialects that know a value of an enum", () => {
  expect(enumHomes("V1LayerParameter.LayerType", "RELU6")).toEqual(["mobilenet-yolo"]);
  expect(enumHomes("ConvolutionParameter.Engine", "MKLDNN")).toEqual(["intel"]);
  expect(enumHomes("ConvolutionParameter.Engine", "CUDNN")).toEqual(dialectNames);
  expect(enumHomes("ConvolutionParameter.Engine", "MKL")).toEqual([]);
});
