declare module "*.proto" {
  // An ambient module cannot import by a relative path.
  // eslint-disable-next-line @typescript-eslint/consistent-type-imports
  const read: () => import("./schema/proto-file.ts").ProtoFile;
  export default read;
}
