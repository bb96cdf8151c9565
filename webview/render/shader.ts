/** A triangle over the whole view; the scissor cuts out the part that is drawn. */
export const vertexShader = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0;
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

/**
 * The colour of a device pixel: the picture, the values over it, the contour. Everything a control changes is a uniform here, so that
 * nothing is computed again when it moves. Places are in pixels of the level that is drawn. \`render/software.ts\` does the same in TypeScript.
 */
export const fragmentShader = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;

uniform sampler2D picture, front, back, colours;
uniform float viewHeight;
uniform vec2 corner;       // the view's point at the picture's upper left corner, in device pixels
uniform float pixelStep;   // the level's pixels per device pixel
uniform float line;        // thickness of the contour, in the level's pixels
uniform ivec2 tileOrigin, tileSize;
uniform bool smoothly, hasFront, hasBack, difference, contour, above;
uniform float low, high, opacity, threshold, ratio;
uniform vec3 background;   // where the picture has not come yet
out vec4 colour;

const float missing = -1e37;

float at(ivec2 place) {
  ivec2 here = clamp(place - tileOrigin, ivec2(0), tileSize - 1);
  float value = texelFetch(front, here, 0).r;
  if (!hasBack) return value;
  if (difference) {
    float other = texelFetch(back, here, 0).r;
    return value > missing && other > missing ? value - other : missing;
  }
  return value > missing ? value : texelFetch(back, here, 0).r;
}

float valueAt(vec2 place) {
  if (!smoothly) return at(ivec2(floor(place)));
  vec2 corner = floor(place - 0.5);
  vec2 part = place - 0.5 - corner;
  ivec2 first = ivec2(corner);
  vec4 values = vec4(at(first), at(first + ivec2(1, 0)), at(first + ivec2(0, 1)), at(first + ivec2(1, 1)));
  vec4 weights = vec4((1.0 - part.x) * (1.0 - part.y), part.x * (1.0 - part.y), (1.0 - part.x) * part.y, part.x * part.y);
  weights *= vec4(greaterThan(values, vec4(missing)));
  float sum = weights.x + weights.y + weights.z + weights.w;
  return sum > 0.0 ? dot(values, weights) / sum : missing;
}

bool inside(vec2 place) {
  return at(ivec2(floor(place))) >= threshold;
}

void main() {
  vec2 pixel = vec2(gl_FragCoord.x, viewHeight - gl_FragCoord.y) - corner;
  vec2 place = pixel * pixelStep;
  vec4 there = texture(picture, (place - vec2(tileOrigin)) / vec2(tileSize));
  vec3 below = there.rgb + (1.0 - there.a) * background;
  if (!hasFront) {
    colour = vec4(below, 1.0);
    return;
  }
  float value = valueAt(place);
  if (value <= missing) {
    // Hatching: not computed.
    float stripe = mod(pixel.x + pixel.y, 10.0 * ratio);
    colour = vec4(stripe < ratio ? mix(below, vec3(0.5), 0.45) : below, 1.0);
    return;
  }
  bool here = inside(place);
  float part = clamp((value - low) / (high - low), 0.0, 1.0);
  vec3 over = texelFetch(colours, ivec2(int(part * 255.0 + 0.5), 0), 0).rgb;
  vec3 mixed = above && !here ? below : mix(below, over, opacity);
  if (contour) {
    bool edge = inside(place + vec2(line, 0.0)) != here || inside(place - vec2(line, 0.0)) != here
      || inside(place + vec2(0.0, line)) != here || inside(place - vec2(0.0, line)) != here;
    if (edge) mixed = here ? vec3(1.0) : vec3(0.0);
  }
  colour = vec4(mixed, 1.0);
}`;
