import type { DialectName } from "../schema/schema.ts";
import type { Counts, LayerInput, LayerShapes, LayerType } from "./definition.ts";
import { loss } from "./loss.ts";
import type { Shape } from "./shape.ts";

/** What is known of a type whose computation is not written here. */
interface Opaque {
  readonly type: string;
  readonly doc: string;
  readonly dialects: readonly DialectName[];
  readonly params?: readonly string[];
  readonly bottoms?: Counts;
  readonly tops?: Counts;
  /** The shape of its top: as bottom 0, or fixed. Absent: unknown. */
  readonly top?: "bottom" | Shape;
  readonly role?: "data" | "measure";
}

const boxRow = [1, 1, 1, 7];
const one = { min: 1, max: 1 };
const deepLab = ["deeplab-v2", "pspnet"] as const;
const yolo = ["mobilenet-yolo"] as const;

const known: readonly Opaque[] = [
  {
    type: "AdaptiveBiasChannel",
    doc: "Adds biases to the scores of labels, found so that each covers enough pixels.",
    dialects: deepLab,
    params: ["adaptive_bias_channel_param"],
    bottoms: { min: 2, max: 2 },
    tops: one,
    top: "bottom",
  },
  {
    type: "AssistedExcitation",
    doc: "Excites feature maps where objects are annotated, while training.",
    dialects: yolo,
    bottoms: { min: 3 },
    tops: one,
    top: "bottom",
  },
  {
    type: "BiasChannel",
    doc: "Adds a bias to the scores of the labels that occur.",
    dialects: deepLab,
    params: ["bias_channel_param"],
    bottoms: { min: 2, max: 2 },
    tops: one,
    top: "bottom",
  },
  { type: "BoxAnnotatorOHEM", doc: "Picks the hardest boxes to learn from.", dialects: ["intel"], params: ["box_annotator_ohem_param"] },
  {
    type: "DenseCRF",
    doc: "A fully connected conditional random field over the pixels.",
    dialects: deepLab,
    params: ["dense_crf_param"],
    bottoms: { min: 2, max: 3 },
    tops: one,
    top: "bottom",
  },
  {
    type: "DetectionEvaluate",
    doc: "Compares detections with annotated boxes.",
    dialects: ["ssd", "nvidia", "intel", ...yolo],
    params: ["detection_evaluate_param"],
    bottoms: { min: 2, max: 2 },
    tops: one,
    role: "measure",
  },
  {
    type: "DomainTransform",
    doc: "Filters scores along the edges of a reference.",
    dialects: deepLab,
    params: ["domain_transform_param"],
    bottoms: { min: 3, max: 3 },
    tops: one,
    top: "bottom",
  },
  {
    type: "EvalDetection",
    doc: "Compares the detections of a YOLO net with annotated boxes.",
    dialects: ["intel"],
    params: ["eval_detection_param"],
    role: "measure",
  },
  {
    type: "MatRead",
    doc: "Reads blobs from MATLAB files.",
    dialects: deepLab,
    params: ["mat_read_param"],
    bottoms: { min: 0, max: 0 },
    tops: { min: 1 },
    role: "data",
  },
  {
    type: "MatWrite",
    doc: "Writes blobs to MATLAB files.",
    dialects: deepLab,
    params: ["mat_write_param"],
    bottoms: { min: 1 },
    tops: { min: 0, max: 0 },
  },
  { type: "MnActivation", doc: "Exchanges activations between machines.", dialects: ["intel"], params: ["mn_activation_param"] },
  {
    type: "SegmentationEvaluate",
    doc: "Compares a segmentation with its label.",
    dialects: yolo,
    params: ["segmentation_evaluate_param"],
    tops: one,
    role: "measure",
  },
  {
    type: "SpatialDropout",
    doc: "Sets whole channels to 0 at random while training.",
    dialects: ["intel"],
    params: ["spatial_dropout_param"],
    bottoms: one,
    tops: one,
    top: "bottom",
  },
  { type: "TRT", doc: "Runs a part of the net in TensorRT.", dialects: ["nvidia"], params: ["trt_param"] },
  {
    type: "YoloDetectionOutput",
    doc: "The detections of YOLO v2.",
    dialects: yolo,
    params: ["yolo_detection_output_param"],
    bottoms: { min: 1 },
    tops: one,
    top: boxRow,
  },
  {
    type: "Yolov3DetectionOutput",
    doc: "The detections of YOLO v3.",
    dialects: yolo,
    params: ["yolov3_detection_output_param"],
    bottoms: { min: 1 },
    tops: one,
    top: boxRow,
  },
];

const losses: readonly Pick<Opaque, "type" | "doc" | "dialects" | "params">[] = [
  { type: "RegionLoss", doc: "The loss of YOLO v2.", dialects: ["intel", ...yolo], params: ["region_loss_param"] },
  { type: "YoloSeg", doc: "The segmentation loss of MobileNet-YOLO.", dialects: yolo, params: ["yolo_seg_param"] },
  { type: "Yolov3", doc: "The loss of YOLO v3.", dialects: yolo, params: ["yolov3_param"] },
];

/** Types of other Caffes of which only names, counts and, where it is public, the shape are known. Their other tops are unknown. */
export const opaqueTypes: readonly LayerType[] = [
  ...known.map(opaque),
  ...losses.map(({ params = [], ...rest }) =>
    loss({
      ...rest,
      params,
      bottoms: { min: 1 },
      tops: { min: 1 },
      refuse: () => undefined,
      onnx: "It matters to training alone; a deployed net has a detection layer in its place.",
    }),
  ),
];

function opaque({ params = [], bottoms = { min: 0 }, tops = { min: 0 }, top, ...rest }: Opaque): LayerType {
  const first = ([bottom]: readonly (Shape | undefined)[]): Shape | undefined => (top === "bottom" ? bottom : top);
  const shapes = (layer: LayerInput): LayerShapes => ({
    tops: layer.topNames.map((_, i) => (i === 0 ? first(layer.bottoms) : undefined)),
    params: [],
  });
  return {
    ...rest,
    params,
    bottoms,
    tops,
    shapes,
    shapesUnknown: shapes,
    reach: () => ({ kind: rest.role === undefined ? "whole" : "none" }),
    onnx: rest.role === "data" ? "It becomes an input of the model." : "What it computes is not written in ONNX here.",
  };
}
