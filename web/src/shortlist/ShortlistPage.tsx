export default function ShortlistPage() {
  return <main id="main" className="page" />;
}
